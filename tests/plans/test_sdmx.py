"""Messages of SDMX-ML: the same values in every shape, and none that would harm the reader."""

from __future__ import annotations

import pytest

from consult.core.errors import Refusal
from consult.files.sdmx_ml import read_message
from consult.plans.indicators import service
from consult.plans.indicators.model import ImportKind
from consult.plans.indicators.tables import ReadingChoices

_MESSAGE = (
    '<?xml version="1.0"?>\n<m:{kind} xmlns:m="urn:message" xmlns:g="urn:generic" xmlns:ss="urn:ss" '
    'xmlns:c="urn:common" xmlns:x="urn:own"><m:Header><m:ID>T</m:ID>'
    '<m:Structure structureID="S" dimensionAtObservation="{along}"/></m:Header>{body}</m:{kind}>'
)
EXPECTED = [
    ("2019", "PE", "1.50", "estimated"),
    ("2020-Q1", "PE", None, "missing"),
    ("2019", "BO", "1234567890.123456789", ""),
    ("2020-Q1", "BO", "-0.5", "provisional"),
]


def _message(body: str, *, kind: str = "GenericData", along: str = "TIME_PERIOD") -> bytes:
    return _MESSAGE.format(kind=kind, along=along, body=body).encode()


def _values(*pairs: str) -> str:
    return "".join(f'<g:Value id="{name}" value="{value}"/>' for name, value in (one.split("=") for one in pairs))


def _generic_series(area: str, *rows: tuple[str, str, str]) -> str:
    seen = "".join(
        f'<g:Obs><g:ObsDimension value="{period}"/><g:ObsValue value="{value}"/>'
        f"<g:Attributes>{_values(f'OBS_STATUS={flag}')}</g:Attributes></g:Obs>"
        for period, value, flag in rows
    )
    key = _values("FREQ=A", f"REF_AREA={area}")
    about = _values("UNIT_MEASURE=PERSONS", f"TITLE=Deaths in {area}")
    return f"<g:Series><g:SeriesKey>{key}</g:SeriesKey><g:Attributes>{about}</g:Attributes>{seen}</g:Series>"


_PERU = [("2019", "1.50", "E"), ("2020-Q1", "NaN", "M")]
_BOLIVIA = [("2019", "1234567890.123456789", "A"), ("2020-Q1", "-0.5", "P")]
_FLAT = "".join(
    f"<g:Obs><g:ObsKey>{_values('FREQ=A', f'REF_AREA={area}', f'TIME_PERIOD={period}')}</g:ObsKey>"
    f'<g:ObsValue value="{value}"/><g:Attributes>{_values(f"OBS_STATUS={flag}", "UNIT_MEASURE=PERSONS")}'
    "</g:Attributes></g:Obs>"
    for area, rows in (("PE", _PERU), ("BO", _BOLIVIA))
    for period, value, flag in rows
)
_OWN_OBS = [
    '<Obs TIME_PERIOD="2019" OBS_VALUE="1.50" OBS_STATUS="E"/><Obs TIME_PERIOD="2020-Q1" OBS_STATUS="M"/>',
    '<Obs TIME_PERIOD="2019" OBS_VALUE="1234567890.123456789"/>'
    '<Obs TIME_PERIOD="2020-Q1" OBS_VALUE="-0.5" OBS_STATUS="P"/>',
]
_OWN = "".join(
    f'<Series FREQ="A" REF_AREA="{area}" DECIMALS="2">{rows}</Series>'
    for area, rows in zip(("PE", "BO"), _OWN_OBS, strict=True)
)
_GROUPS = "".join(
    f'<Group xsi:type="x:Sibling" xmlns:xsi="urn:xsi" REF_AREA="{area}" UNIT_MEASURE="PERSONS"/>'
    for area in ("PE", "BO")
)
_CROSSED = "".join(
    f'<Series FREQ="A" TIME_PERIOD="{period}" UNIT_MEASURE="PERSONS">{rows}</Series>'
    for period, rows in (
        ("2019", '<Obs REF_AREA="PE" OBS_VALUE="1.50" OBS_STATUS="E"/>'
                 '<Obs REF_AREA="BO" OBS_VALUE="1234567890.123456789"/>'),
        ("2020-Q1", '<Obs REF_AREA="PE" OBS_STATUS="M"/><Obs REF_AREA="BO" OBS_VALUE="-0.5" OBS_STATUS="P"/>'),
    )
)  # fmt: skip
_COMPLEX = (
    '<Series FREQ="A" REF_AREA="PE" UNIT_MEASURE="PERSONS"><Comp id="TITLE"><Value><c:Text>One</c:Text>'
    '<c:Text>Uno</c:Text></Value></Comp><Obs TIME_PERIOD="2019" OBS_VALUE="1.50"><Comp id="OBS_STATUS">'
    '<Value>A</Value><Value>E</Value></Comp></Obs><Obs TIME_PERIOD="2020-Q1" OBS_STATUS="M"/></Series>'
    f'<Series FREQ="A" REF_AREA="BO" UNIT_MEASURE="PERSONS">{_OWN_OBS[1]}</Series>'
)
_OLD = "".join(
    f'<g:Series><g:SeriesKey><g:Value concept="FREQ" value="A"/><g:Value concept="REF_AREA" value="{area}"/>'
    '</g:SeriesKey><g:Attributes><g:Value concept="UNIT_MEASURE" value="PERSONS"/></g:Attributes>'
    + "".join(
        f'<g:Obs><g:Time>{period}</g:Time><g:ObsValue value="{value}"/><g:Attributes>'
        f'<g:Value concept="OBS_STATUS" value="{flag}"/></g:Attributes></g:Obs>'
        for period, value, flag in rows
    )
    + "</g:Series>"
    for area, rows in (("PE", _PERU), ("BO", _BOLIVIA))
)
SHAPES = {
    "generic by series": _message(
        f"<m:DataSet>{_generic_series('PE', *_PERU)}{_generic_series('BO', *_BOLIVIA)}</m:DataSet>"
    ),
    "generic without series": _message(f"<m:DataSet>{_FLAT}</m:DataSet>", along="AllDimensions"),
    "generic of SDMX 2.0": _message(f"<m:DataSet>{_OLD}</m:DataSet>"),
    "of its structure": _message(
        f'<m:DataSet UNIT_MEASURE="PERSONS" ss:dataScope="DataStructure">{_OWN}</m:DataSet>',
        kind="StructureSpecificData",
    ),
    "with groups": _message(f"<m:DataSet>{_GROUPS}{_OWN}</m:DataSet>", kind="StructureSpecificData"),
    "of SDMX 3.0": _message(f"<m:DataSet>{_COMPLEX}</m:DataSet>", kind="StructureSpecificData"),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_message_is_read_alike_in_every_shape(shape: str) -> None:
    read = service.read_file(SHAPES[shape], None, ReadingChoices())
    found = [
        (one.period, one.breakdown.get("REF_AREA"), None if one.value is None else f"{one.value:f}", one.flag)
        for one in read.values
    ]
    assert (found, read.kind, read.unit, read.problems) == (EXPECTED, ImportKind.SDMX, "PERSONS", [])
    assert read.is_converted
    assert all(list(one.breakdown) == ["REF_AREA"] for one in read.values), "titles and formats tell nothing apart"


def test_observations_may_stand_along_another_dimension_than_time() -> None:
    read = service.read_file(_message(f"<m:DataSet>{_CROSSED}</m:DataSet>", along="REF_AREA"), None, ReadingChoices())
    assert sorted((one.period, str(one.breakdown["REF_AREA"]), str(one.value)) for one in read.values) == sorted(
        (period, area, str(value)) for period, area, value, _flag in EXPECTED
    )


def test_a_message_that_deletes_holds_no_values() -> None:
    gone = _message(f'<m:DataSet ss:action="Delete">{_OWN}</m:DataSet>', kind="StructureSpecificData")
    assert read_message(gone) == b"no-data"


_BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE m [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><m>&c;</m>'
)
_STRANGER = b'<!DOCTYPE m [<!ENTITY a SYSTEM "file:///etc/passwd">]><m><DataSet>&a;</DataSet></m>'


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (_BOMB, "DOCTYPE"),
        (_STRANGER, "DOCTYPE"),
        (_STRANGER.decode().encode("utf-16"), "DOCTYPE"),
        (b"<m:GenericData><broken", "damaged"),
        (b"<html><body>Not found</body></html>", "no SDMX observations"),
        (b"<a>" * 100_000, "damaged"),
    ],
)
def test_xml_that_harms_or_holds_no_data_is_refused_and_says_what_to_do(data: bytes, says: str) -> None:
    with pytest.raises(Refusal, match=says):
        service.read_file(data, None, ReadingChoices())
