"""How a worker tells Temporal which build it is: docs/decisions/0200."""

from __future__ import annotations

from dataclasses import dataclass

from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.worker import WorkerDeploymentConfig

from adapters.build_settings import RELEASE, UNROUTED, BuildSettings


@dataclass(frozen=True, slots=True)
class Build:
    """One build of the workers.

    Attributes:
        name: what histories say of the worker that wrote them.
        deployment: within which work is handed out by builds; None: to whichever worker asks first.
    """

    name: str = RELEASE
    deployment: str | None = None

    @classmethod
    def of(cls, settings: BuildSettings) -> Build:
        """The build of these settings."""
        return cls(settings.build, settings.deployment)

    def config(self) -> WorkerDeploymentConfig:
        """What a worker is made with.

        A workflow goes on on the build that is current when its next task comes, so no old build has to be
        kept alive for the months a lead lives.
        """
        routed = self.deployment is not None
        return WorkerDeploymentConfig(
            version=WorkerDeploymentVersion(self.deployment or UNROUTED, self.name),
            use_worker_versioning=routed,
            default_versioning_behavior=(
                VersioningBehavior.AUTO_UPGRADE if routed else VersioningBehavior.UNSPECIFIED
            ),
        )
