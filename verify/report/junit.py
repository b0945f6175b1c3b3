"""JUnit XML for continuous integration: one test suite, one test case for each statement.

A refuted, unknown or vacuous claim is a failure and an error of the checker an error, unless the
pack records that verdict as expected; then, and where the statement is lost, the case is skipped
with the reason. Printed proofs are told in the output of the case.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET

from verify.engine.results import Document, Result
from verify.report.verdicts import CLAIM, claim_rank
from verify.report.view import base, plain, printable, why

_OUTCOMES = {
    "error": "error",
    "refuted": "failure",
    "vacuous": "failure",
    "unknown": "failure",
    "unrecoverable": "skipped",
}


def junit(document: Document) -> bytes:
    """The results in the schema that continuous-integration servers read."""
    cases = [_case(document, result) for result in document.results]
    name = document.paper.name if document.paper else "claims"
    suite = ET.Element(
        "testsuite",
        {
            "name": printable(name),
            "tests": str(len(cases)),
            "failures": str(sum(case.find("failure") is not None for case in cases)),
            "errors": str(sum(case.find("error") is not None for case in cases)),
            "skipped": str(sum(case.find("skipped") is not None for case in cases)),
            "time": f"{document.run.seconds:.3f}",
        },
    )
    properties = ET.SubElement(suite, "properties")
    for key, value in (
        ("version", document.tool.version),
        ("python", document.tool.python),
        ("seed", str(document.run.seed)),
        ("complete", "yes" if document.run.complete else "no"),
    ):
        ET.SubElement(properties, "property", {"name": key, "value": printable(value)})
    suite.extend(cases)
    totals = {key: suite.attrib[key] for key in ("name", "tests", "failures", "errors", "time")}
    suites = ET.Element("testsuites", totals)
    suites.append(suite)
    ET.indent(suites)
    data: bytes = ET.tostring(suites, encoding="utf-8", xml_declaration=True)
    return data + b"\n"


def _case(document: Document, result: Result) -> ET.Element:
    pack = document.paper.name if document.paper else "claims"
    case = ET.Element(
        "testcase",
        {
            "classname": printable(f"{pack}.{base(result.id).replace('.', '_')}"),
            "name": printable(f"{result.id} {result.title}".strip()),
            "time": f"{result.claim.seconds:.3f}",
        },
    )
    verdict = result.claim.verdict
    outcome = _OUTCOMES.get(verdict)
    message = f"{verdict}: {why(result)}".removesuffix(": ")
    if result.expected and claim_rank(verdict) >= claim_rank(result.expected):
        outcome = "skipped" if outcome else None
        message += " (as the pack expects)" if outcome else ""
    if outcome:
        attributes = {"message": printable(message)}
        if outcome != "skipped":
            attributes["type"] = verdict
        ET.SubElement(case, outcome, attributes).text = printable(CLAIM[verdict].meaning)
    output = [
        f"claim: {verdict}",
        f"printed proof: {result.proof.verdict}",
        *map(plain, result.findings),
    ]
    ET.SubElement(case, "system-out").text = printable("\n".join(output))
    return case
