"""The identity provider."""

from __future__ import annotations

from typing import Final

from api.keys import KeysAway
from api.pages.outside.shape import Found, Integration, Line, asked
from api.pages.texts import N_
from api.pages.view import View


async def _issuer(view: View) -> Found:
    try:
        await view.wiring.tokens.check()
    except KeysAway:
        up = False
    else:
        up = True
    sign_in = N_("configured") if view.wiring.provider is not None else N_("not configured")
    return asked(
        view,
        "identity-provider",
        up=up,
        lines=(Line(N_("Sign-in to the pages"), sign_in),),
        advice=N_("Correct OIDC_ISSUER and OIDC_JWKS_URL. Nobody new can sign in until it is back."),
    )


ISSUER: Final = Integration("identity-provider", N_("Identity provider"), N_("Says who signs in."), _issuer)
