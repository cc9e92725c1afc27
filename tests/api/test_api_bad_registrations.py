"""Bad registrations: each gives its typed error in both languages, and no case."""

import pytest

from tests.api.conftest import FRENCH, Api, registration

MEGABYTE = "x" * 2**20
TEXT = ("This text must have 1 to 255 characters.", "Ce texte doit compter de 1 à 255 caractères.")


@pytest.mark.parametrize("field", ["name", "organizationNuixId", "organizationName"])
@pytest.mark.parametrize("text", ["", " \t\n", "x" * 256, MEGABYTE], ids=len)
async def test_a_bad_text_registers_nothing(api: Api, field: str, text: str) -> None:
    given = registration(**{field: text})
    for language, message in zip((None, FRENCH), TEXT, strict=True):
        expected = {"__typename": "InvalidInput", "code": "INVALID_INPUT", "message": message, "field": field}
        assert await api.change("registerCase", **given, language=language) == expected
    assert (await api.ask("query Q($u: UUID!) { case(uuid: $u) { id } }", u=given["uuid"])) == {"case": None}


@pytest.mark.parametrize(
    "url",
    ["", "portal", "ftp://portal", "https://", "//portal", "https://a:b:c", "https://p/\n", "https://[", MEGABYTE],
)
async def test_a_bad_portal_registers_nothing(api: Api, url: str) -> None:
    messages = (
        "A portal's address is https:// or http:// and a host, perhaps port and path.",
        "L’adresse d’un portail se compose de https:// ou http:// et d’un hôte, avec au besoin un port et un chemin.",
    )
    for language, message in zip((None, FRENCH), messages, strict=True):
        expected = {"__typename": "InvalidInput", "code": "INVALID_INPUT", "message": message, "field": "portalUrl"}
        assert await api.change("registerCase", **registration(portalUrl=url), language=language) == expected


async def test_a_uuid_is_registered_once(api: Api) -> None:
    case = await api.registered()
    messages = ("A case with this UUID is already registered.", "Un dossier portant cet UUID est déjà enregistré.")
    for language, message in zip((None, FRENCH), messages, strict=True):
        given = registration(uuid=case["uuid"], organizationNuixId="other", organizationName="Other")
        expected = {"__typename": "InvalidInput", "code": "INVALID_INPUT", "message": message, "field": "uuid"}
        assert await api.change("registerCase", **given, language=language) == expected
    assert (await api.state(case))["organization"] == case["organization"]


@pytest.mark.parametrize("uuid", ["", "1", "{7d444840-9dc0-11d1-b245-5ffdce74fad2}", 7, None, MEGABYTE])
async def test_a_malformed_uuid_is_a_request_error(api: Api, uuid: object) -> None:
    query = "mutation M($input: RegisterCaseInput!) { registerCase(input: $input) { __typename } }"
    response = await api.post(query, {"input": {"idempotencyKey": "k", **registration(uuid=uuid)}})
    assert (response.status_code, response.json()["errors"][0]["extensions"]) == (400, {"code": "BAD_USER_INPUT"})
