"""Everything that is tried in a browser.

Test processes are handed one file after the other; what is collected here shares one stack and one browser.
"""

from tests.e2e.browser.sessions import (
    test_a_form_of_another_site_does_nothing,
    test_a_session_planted_before_the_sign_in_is_worth_nothing,
    test_a_sign_in_leads_nowhere_else,
    test_signing_out_ends_the_session_itself,
    test_the_way_in_leads_where_one_wanted_to_go,
)

__all__ = [
    "test_a_form_of_another_site_does_nothing",
    "test_a_session_planted_before_the_sign_in_is_worth_nothing",
    "test_a_sign_in_leads_nowhere_else",
    "test_signing_out_ends_the_session_itself",
    "test_the_way_in_leads_where_one_wanted_to_go",
]
