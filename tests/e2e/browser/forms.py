"""Filling forms as a person does, with JavaScript or without."""

from __future__ import annotations

from playwright.async_api import Locator, expect

from tests.e2e.browser.window import Window


async def fill(form: Locator, fields: dict[str, str]) -> None:
    """Write into fields by name; of choices, the value is what is chosen."""
    for name, value in fields.items():
        field = form.locator(f'[name="{name}"]')
        kind = await field.first.evaluate("field => field.tagName === 'SELECT' ? 'select' : field.type")
        match kind:
            case "select":
                await field.select_option(value)
            case "radio":
                await form.locator(f'[name="{name}"][value="{value}"]').check()
            case "checkbox":
                await field.set_checked(value == "true")
            case _:
                await field.fill(value)


async def send(window: Window, form: Locator, **fields: str) -> None:
    """Fill the form, send it, and wait for the page that comes of it."""
    await fill(form, fields)
    async with window.page.expect_navigation():
        await form.locator("button[type=submit]").first.click()


async def done(window: Window) -> str:
    """What the page says was done; nothing was refused."""
    assert await window.page.get_by_role("alert").all_inner_texts() == []
    said = window.page.get_by_role("status").first
    await expect(said).to_be_visible()
    return await said.inner_text()
