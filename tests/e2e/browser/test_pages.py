"""Everything that is tried in a browser.

Test processes are handed one file after the other; what is collected here shares one stack and one browser.
"""

from tests.e2e.browser.acts import (
    test_a_manager_decides_and_governs,
    test_a_table_of_leads_is_looked_at_and_imported,
    test_an_agent_works_on_a_lead,
    test_what_is_about_oneself,
)
from tests.e2e.browser.customers import test_a_customer_rates_samples_once
from tests.e2e.browser.governing import (
    test_an_administrator_sets_a_rule_and_takes_it_back,
    test_many_leads_at_once,
    test_other_numbers_are_rehearsed_and_nothing_changes,
)
from tests.e2e.browser.journeys import (
    test_a_newcomer_sees_why_a_lead_lapses_stops_its_clock_and_sees_the_date_move,
    test_a_taken_company_is_told_while_one_types,
    test_progress_is_logged_with_the_keyboard_alone,
    test_searching_needs_no_button,
    test_two_clicks_have_one_effect,
    test_what_if_moves_the_future_while_one_pulls,
)
from tests.e2e.browser.sessions import (
    test_a_form_of_another_site_does_nothing,
    test_a_session_planted_before_the_sign_in_is_worth_nothing,
    test_a_sign_in_leads_nowhere_else,
    test_signing_out_ends_the_session_itself,
    test_the_way_in_leads_where_one_wanted_to_go,
)
from tests.e2e.browser.tour import (
    test_a_page_looks_as_it_should,
    test_pages_of_others_are_not_shown,
    test_stored_texts_are_shown_as_they_were_written,
)

__all__ = [
    "test_a_customer_rates_samples_once",
    "test_a_form_of_another_site_does_nothing",
    "test_a_manager_decides_and_governs",
    "test_a_newcomer_sees_why_a_lead_lapses_stops_its_clock_and_sees_the_date_move",
    "test_a_page_looks_as_it_should",
    "test_a_session_planted_before_the_sign_in_is_worth_nothing",
    "test_a_sign_in_leads_nowhere_else",
    "test_a_table_of_leads_is_looked_at_and_imported",
    "test_a_taken_company_is_told_while_one_types",
    "test_an_administrator_sets_a_rule_and_takes_it_back",
    "test_an_agent_works_on_a_lead",
    "test_many_leads_at_once",
    "test_other_numbers_are_rehearsed_and_nothing_changes",
    "test_pages_of_others_are_not_shown",
    "test_progress_is_logged_with_the_keyboard_alone",
    "test_searching_needs_no_button",
    "test_signing_out_ends_the_session_itself",
    "test_stored_texts_are_shown_as_they_were_written",
    "test_the_way_in_leads_where_one_wanted_to_go",
    "test_two_clicks_have_one_effect",
    "test_what_if_moves_the_future_while_one_pulls",
    "test_what_is_about_oneself",
]
