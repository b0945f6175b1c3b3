"""Checks the lemmas of theory papers: proofs with certificates, exact counterexamples, reports."""
