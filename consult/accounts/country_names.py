"""Names of countries as the United Nations write them, where they differ from those of the Unicode CLDR.

Source: United Nations, Standard Country or Area Codes for Statistical Use (M49), short names in English, French and
Spanish; former names are those of earlier documents.
"""

from __future__ import annotations

from collections.abc import Mapping

OTHER_NAMES: Mapping[str, str] = {
    "BA": "Bosnia and Herzegovina|Bosnie-Herzégovine|Bosnia y Herzegovina",
    "BN": "Brunei Darussalam|Brunéi Darussalam",
    "BO": "Bolivia (Plurinational State of)|Bolivie (État plurinational de)|Bolivia (Estado Plurinacional de)"
    "|Plurinational State of Bolivia",
    "CD": "Democratic Republic of the Congo|République démocratique du Congo|República Democrática del Congo",
    "CG": "Congo|Republic of the Congo",
    "CI": "Côte d'Ivoire|Ivory Coast|Costa de Marfil",
    "CV": "Cabo Verde|Cape Verde",
    "CZ": "Czechia|Czech Republic|République tchèque|República Checa",
    "DO": "Dominican Republic|République dominicaine|República Dominicana",
    "FK": "Falkland Islands (Malvinas)",
    "FM": "Micronesia (Federated States of)|Micronésie (États fédérés de)|Micronesia (Estados Federados de)",
    "GB": "United Kingdom of Great Britain and Northern Ireland|Royaume-Uni de Grande-Bretagne et d'Irlande du Nord"
    "|Reino Unido de Gran Bretaña e Irlanda del Norte|Great Britain|UK",
    "GM": "Gambia (Republic of The)|The Gambia|Gambia (República de)",
    "GW": "Guinea Bissau",
    "HK": "Hong Kong",
    "IR": "Iran (Islamic Republic of)|Islamic Republic of Iran|Iran (République islamique d')"
    "|Irán (República Islámica del)",
    "KN": "Saint Kitts and Nevis|Saint-Kitts-et-Nevis|Saint Kitts y Nevis",
    "KP": "Democratic People's Republic of Korea|DPR Korea|République populaire démocratique de Corée"
    "|República Popular Democrática de Corea",
    "KR": "Republic of Korea|République de Corée|República de Corea",
    "LA": "Lao People's Democratic Republic|Lao PDR|République démocratique populaire lao"
    "|República Democrática Popular Lao",
    "LC": "Saint Lucia|Sainte-Lucie|Santa Lucía",
    "LY": "Libyan Arab Jamahiriya|State of Libya",
    "MD": "Republic of Moldova|République de Moldova|República de Moldova",
    "MK": "North Macedonia|The former Yugoslav Republic of Macedonia|Macedonia",
    "MM": "Myanmar|Burma",
    "MO": "Macao|Macau",
    "NL": "Netherlands (Kingdom of the)|Kingdom of the Netherlands|Pays-Bas (Royaume des)|Países Bajos (Reino de los)",
    "PS": "State of Palestine|Palestine|État de Palestine|Estado de Palestina|Occupied Palestinian Territory",
    "RU": "Russian Federation|Fédération de Russie|Federación de Rusia",
    "ST": "Sao Tome and Principe|Sao Tomé-et-Principe|Santo Tomé y Príncipe",
    "SY": "Syrian Arab Republic|République arabe syrienne|República Árabe Siria",
    "SZ": "Eswatini|Swaziland|Kingdom of Eswatini",
    "TL": "Timor-Leste|East Timor",
    "TR": "Türkiye|Turkey|Turquie|Turquía",
    "TT": "Trinidad and Tobago|Trinité-et-Tobago|Trinidad y Tabago",
    "TZ": "United Republic of Tanzania|Tanzania (United Republic of)|République-Unie de Tanzanie"
    "|República Unida de Tanzanía",
    "US": "United States of America|United States|États-Unis d'Amérique|Estados Unidos de América|USA",
    "VA": "Holy See|Saint-Siège|Santa Sede",
    "VC": "Saint Vincent and the Grenadines|Saint-Vincent-et-les Grenadines|San Vicente y las Granadinas",
    "VE": "Venezuela (Bolivarian Republic of)|Bolivarian Republic of Venezuela"
    "|Venezuela (République bolivarienne du)|Venezuela (República Bolivariana de)",
    "VN": "Viet Nam",
}
"""Other names by ISO 3166-1 alpha-2 code, separated by “|”."""
