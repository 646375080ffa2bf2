"""Import and export of SKOS. Source: W3C, SKOS Simple Knowledge Organization System Reference, 2009.

A pack is a graph of concept schemes and concepts in any format that rdflib reads: Turtle, RDF/XML, JSON-LD. A graph has
no order, but the file has: schemes and terms keep the order of their descriptions.
"""

from __future__ import annotations

import json
import warnings
from collections import defaultdict
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from rdflib import DCTERMS, RDF, SKOS, Graph, Literal, URIRef
from rdflib.plugins.serializers.turtle import TurtleSerializer
from rdflib.plugins.stores.memory import Memory
from rdflib.term import Node

from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.core.languages import DEFAULT_LANGUAGE
from consult.taxonomy.pack import Concept, Vocabulary

FORMATS = {"ttl": "turtle", "rdf": "xml", "xml": "xml", "jsonld": "json-ld"}
"""Formats of a pack, by file extension."""


class OrderedMemoryStore(Memory):
    """A store that keeps the order of its subjects."""

    def __init__(self) -> None:
        super().__init__()
        self.subjects: dict[Node, None] = {}

    def add(self, triple: Any, context: Any, quoted: bool = False) -> None:
        self.subjects.setdefault(triple[0])
        super().add(triple, context, quoted)


class _OrderedTurtle(TurtleSerializer):
    """A Turtle serializer that keeps the store's order of subjects."""

    def orderSubjects(self) -> list[Any]:
        return list(self._subjects)


class PackRefused(Refusal):
    """The file is not a valid pack. The message names the place."""


def read_pack(path: Path) -> list[Vocabulary]:
    """Return the schemes of a pack. Raises PackRefused with the place of the first mistake."""
    written = FORMATS.get(path.suffix.lstrip("."))
    if written is None:
        raise PackRefused(_("The name of the file must end in .ttl, .rdf or .jsonld, to match its format."))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # rdflib's JSON-LD reader warns of rdflib itself
            graph = Graph(store=(store := OrderedMemoryStore())).parse(path, format=written)
    except Exception as error:  # each of rdflib's parsers raises errors of its own
        first = " ".join(str(error).split())[:300]
        raise PackRefused(_("We cannot read this file as SKOS: %(error)s", error=first)) from error
    order = list(store.subjects)
    schemes = _in_order(order, graph.subjects(RDF.type, SKOS.ConceptScheme))
    vocabularies = [_vocabulary(graph, scheme, order) for scheme in schemes]
    if not vocabularies:
        raise PackRefused(_("The file contains no skos:ConceptScheme."))
    return vocabularies


def write_pack(vocabularies: Iterable[Vocabulary], written: str) -> str:
    """Return the pack in one of FORMATS, in order. The output is deterministic."""
    graph = Graph(store="SimpleMemory")  # it gives back what it holds as it came
    graph.bind("skos", SKOS)
    graph.bind("dct", DCTERMS)
    for vocabulary in vocabularies:
        scheme = URIRef(vocabulary.uri)
        graph.add((scheme, RDF.type, SKOS.ConceptScheme))
        graph.add((scheme, SKOS.notation, Literal(vocabulary.notation)))
        _add_labels(graph, scheme, SKOS.prefLabel, vocabulary.labels)
        for concept in vocabulary.concepts:
            _add_concept(graph, scheme, concept)
    if written == "ttl":
        _OrderedTurtle(graph).serialize(made := BytesIO())
        return made.getvalue().decode()
    text = graph.serialize(format=FORMATS[written])
    return _in_graph_order(graph, text) if written == "jsonld" else text


def _in_graph_order(graph: Graph, text: str) -> str:
    """Return JSON-LD with its nodes in the order of the graph, because rdflib writes them in the order of a set."""
    places = {str(subject): place for place, subject in enumerate(dict.fromkeys(graph.subjects()))}
    nodes = sorted(json.loads(text), key=lambda node: places[node["@id"]])
    return json.dumps(nodes, ensure_ascii=False, indent=2) + "\n"


def _add_concept(graph: Graph, scheme: URIRef, concept: Concept) -> None:
    subject = URIRef(concept.uri)
    graph.add((subject, RDF.type, SKOS.Concept))
    graph.add((subject, SKOS.inScheme, scheme))
    graph.add((subject, SKOS.notation, Literal(concept.notation)))
    _add_labels(graph, subject, SKOS.prefLabel, concept.labels)
    for code, words in concept.others.items():
        for word in words:
            graph.add((subject, SKOS.altLabel, Literal(word, lang=code)))
    if concept.broader:
        graph.add((subject, SKOS.broader, URIRef(concept.broader)))
    else:
        graph.add((subject, SKOS.topConceptOf, scheme))
    if concept.source:
        graph.add((subject, DCTERMS.source, Literal(concept.source)))


def _add_labels(graph: Graph, subject: URIRef, predicate: URIRef, words: dict[str, str]) -> None:
    for code, word in words.items():
        graph.add((subject, predicate, Literal(word, lang=code)))


def _in_order(order: Iterable[Node], subjects: Iterable[Node]) -> list[Node]:
    wanted = set(subjects)
    return [subject for subject in order if subject in wanted]


def _vocabulary(graph: Graph, scheme: Node, order: Iterable[Node]) -> Vocabulary:
    members = {str(node): node for node in _in_order(order, graph.subjects(SKOS.inScheme, scheme))}
    concepts = {uri: _concept(graph, node, members) for uri, node in members.items()}
    return Vocabulary(str(scheme), _notation(graph, scheme), _labels(graph, scheme), list(_broader_first(concepts)))


def _concept(graph: Graph, node: Node, members: dict[str, Node]) -> Concept:
    above = [str(other) for other in graph.objects(node, SKOS.broader) if str(other) in members]
    others: dict[str, list[str]] = defaultdict(list)
    for word in graph.objects(node, SKOS.altLabel):
        others[getattr(word, "language", None) or DEFAULT_LANGUAGE].append(str(word))
    source = next((str(value) for value in graph.objects(node, DCTERMS.source)), "")
    ordered = {code: sorted(words) for code, words in sorted(others.items())}
    return Concept(
        str(node), _notation(graph, node), _labels(graph, node), ordered, above[0] if above else None, source
    )


def _notation(graph: Graph, node: Node) -> str:
    """Return the notation of a node, else the end of its URI."""
    notation = next((str(value) for value in graph.objects(node, SKOS.notation)), "")
    return notation or str(node).rstrip("/").replace("#", "/").replace(":", "/").rpartition("/")[2]


def _labels(graph: Graph, node: Node) -> dict[str, str]:
    words = sorted(graph.objects(node, SKOS.prefLabel), key=str)
    labels = {getattr(word, "language", None) or DEFAULT_LANGUAGE: str(word) for word in words}
    if not labels:
        raise PackRefused(_("%(uri)s has no skos:prefLabel.", uri=str(node)))
    return dict(sorted(labels.items()))


def _broader_first(concepts: dict[str, Concept]) -> Iterator[Concept]:
    """Yield each concept after its parent, else in the order of the file. Raises PackRefused for a cycle."""
    below: dict[str | None, list[Concept]] = defaultdict(list)
    for concept in concepts.values():
        below[concept.broader].append(concept)
    waiting, count = list(reversed(below[None])), 0
    while waiting:
        concept = waiting.pop()
        count += 1
        yield concept
        waiting += reversed(below[concept.uri])
    if count < len(concepts):
        raise PackRefused(
            _("Some topics are broader than themselves. Follow the skos:broader links and break the loop.")
        )
