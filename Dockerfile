# Fristwerk: API, workers and command line in one image; which of them a container is, its command says.
# Needs nothing but the lock files and the tree: docker build --tag fristwerk:0.1.0 .

# The Python the locks were made and tested with.
ARG PYTHON_IMAGE=python:3.11.14-slim-bookworm

FROM ${PYTHON_IMAGE} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 UV_NO_CACHE=1 UV_PYTHON_DOWNLOADS=never
WORKDIR /build
RUN python -m venv --without-pip /app && python -m venv /setup
# Packages first: they change less often than the code, and the layer is kept.
COPY requirements-setup.lock requirements.lock ./
RUN /setup/bin/pip install --quiet --require-hashes --only-binary :all: -r requirements-setup.lock \
 && VIRTUAL_ENV=/app /setup/bin/uv pip sync --quiet --require-hashes --compile-bytecode requirements.lock
COPY pyproject.toml requirements.in README.md LICENSE ./
COPY protection protection
COPY activities activities
COPY workflows workflows
COPY adapters adapters
COPY workers workers
COPY services services
COPY api api
COPY client client
COPY cli cli
COPY sandbox sandbox
COPY sql sql
COPY data data
# A wheel of the tree, made by the setuptools of the lock: nothing is fetched.
RUN /setup/bin/uv build --quiet --wheel --offline --no-build-isolation --python /setup/bin/python --out-dir /wheel . \
 && VIRTUAL_ENV=/app /setup/bin/uv pip install --quiet --offline --no-deps --compile-bytecode /wheel/*.whl

FROM ${PYTHON_IMAGE}
LABEL org.opencontainers.image.title="fristwerk" org.opencontainers.image.licenses="Apache-2.0"
RUN groupadd --gid 10001 fristwerk \
 && useradd --uid 10001 --gid 10001 --home-dir /nonexistent --no-create-home --shell /usr/sbin/nologin fristwerk
COPY --from=build /app /app
# Everything is compiled, nothing is written: the file system may be read-only but for /tmp. One set of time zone
# rules, that of the lock.
ENV PATH=/app/bin:${PATH} PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PYTHONTZPATH="" FRISTWERK_STATE=/tmp/fristwerk
# By number, so that Kubernetes sees that it is not root.
USER 10001:10001
WORKDIR /
EXPOSE 8080 9100 9101
# SIGTERM: work in hand is finished, nothing new begun.
STOPSIGNAL SIGTERM
CMD ["fristwerk", "api"]
