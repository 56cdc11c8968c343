"""Two spellings of one company meet, two companies do not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.normalise import city_key, company_key, email_key, lead_key, phone_key, postcode_key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Tagungszentrum St. Josef 312 GmbH", "  TAGUNGSZENTRUM  ST.  JOSEF  312  Gmbh"),
        ("Müller GmbH & Co. KG", "Mueller"),
        ("Müller GmbH", "Mu\u0308ller G.m.b.H."),
        ("Straße e.K.", "STRASSE e. K."),
        ("Café Linde OHG", "Cafe Linde AG"),
        ("Öko & Frisch e.V.", "Oeko und Frisch"),
        ("Öko & Frisch", "Öko+Frisch gGmbH"),
        ("Haus Nord UG (haftungsbeschränkt)", "Haus-Nord"),
        ("Haus Nord UG (haftungsbeschränkt) & Co. KG", "HAUS NORD KGaA"),
        ("Rossi S.p.A.", "Rossi"),
        ("Hotel Bell AG & Co. KGaA", "Hotel Bell"),
        ("Ｈｏｔｅｌ Bell", "hotel bell"),
        ("Haus Nord U G h a f t u n g s b e s c h r ä n k t", "Haus Nord"),
        ("Bäckerei\u3000Nord・West – „Fein“ 😀", "BAECKEREI NORD WEST FEIN"),
    ],
)
def test_spellings_of_one_company_meet(one: str, other: str) -> None:
    assert company_key(one) == company_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Hotel Bell 12 3", "Hotel Bell 1 23"),
        ("Müller GmbH", "Muller GmbH"),
        ("Hotel Therme & Spa", "Hotel Therme"),
        ("Bauer", "Baur"),
        ("東京レストラン", "京都レストラン"),
        ("ガスト", "カスト"),
    ],
)
def test_different_companies_stay_apart(one: str, other: str) -> None:
    assert company_key(one) != company_key(other)


@pytest.mark.parametrize(
    ("company", "key"), [("GmbH", "gmbh"), ("AG & Co. KG", "ag"), ("!!!", "!!!"), ("東京", "東京")]
)
def test_a_name_of_nothing_else_keeps_something(company: str, key: str) -> None:
    assert company_key(company) == key


@given(st.text().filter(lambda text: bool(text.strip()) and not text.isspace()))
def test_no_key_is_empty_and_folding_twice_changes_nothing_more(text: str) -> None:
    assert company_key(text)
    assert city_key(text)
    assert city_key(city_key(text)) == city_key(text)


@given(st.text(alphabet=st.characters(whitelist_categories=("Lu", "Ll"), max_codepoint=0x17F)))
def test_case_never_matters(text: str) -> None:
    assert city_key(text.upper()) == city_key(text.upper().lower())


def test_place_postcode_and_mail() -> None:
    assert lead_key("Hotel Bell GmbH", "DORTMUND") == lead_key("hotel bell", " Dortmund ")
    assert lead_key("Hotel Bell", "Essen") != lead_key("Hotel Bell", "Dortmund")
    assert postcode_key(" 44 135 ") == "44135"
    assert postcode_key("") == ""
    assert email_key("  Max+Rom@Example.ORG ") == "max+rom@example.org"


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("030 12345", "+493012345"),
        ("(030) 123-45", "+493012345"),
        ("30 12345", "+493012345"),
        ("+49 (0) 30 / 123 45", "+493012345"),
        ("+49 030 12345", "+493012345"),
        ("0049 30 12345", "+493012345"),
        ("Tel.: 030 12345 ext. 4", "+493012345"),
        ("０３０ １２３４５", "+493012345"),
        ("+39 06 698 83", "+390669883"),
        ("00 43 (0)1 58858", "+43158858"),
        ("+1 (212) 555-0100", "+12125550100"),
        ("tel:+44-20-7946-0000;ext=2", "+442079460000"),
        ("", ""),
        ("keine", ""),
        ("+0 12345678", ""),
        ("110", ""),
        ("+", ""),
        ("030 1234567 / 0171 1234567", ""),
    ],
)
def test_a_telephone_number_in_e164(written: str, key: str) -> None:
    assert phone_key(written) == key


@given(st.text())
def test_a_telephone_number_is_e164_or_nothing_and_its_own_key(text: str) -> None:
    key = phone_key(text)
    assert not key or (key[0] == "+" and key[1:].isascii() and key[1:].isdigit() and 8 <= len(key) <= 16)
    assert phone_key(key) == key
