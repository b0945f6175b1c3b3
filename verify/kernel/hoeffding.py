"""Hoeffding's inequality for random signs: the inequalities that its proof rests on, with proofs.

Let ``X`` be the sum of ``w_i s_i`` over finitely many independent signs ``s_i``, each 1 or -1 with
probability 1/2; let ``S`` be the sum of the ``w_i^2``, ``S <= V``, ``V > 0`` and ``r > 0``. Then
``Pr[X >= r] <= exp(-r^2/(2 V))`` and ``Pr[abs(X) >= r] <= 2 exp(-r^2/(2 V))``. Each link is an
obligation like any other; what joins them are facts about expectations on a finite space (all sign
vectors have the same probability): they are linear and monotone, a probability is the expectation
of an indicator, and for functions of different signs the expectation of a product is the product of
the expectations. ``docs/soundness.md`` has the argument in full.
"""
# ruff: noqa: E501

from __future__ import annotations

import json
from dataclasses import dataclass

from verify.kernel.certificate import Obligation, accept
from verify.kernel.poly import Refused
from verify.language.grammar import parse_formula
from verify.language.term import nnf


@dataclass(frozen=True, slots=True)
class Link:
    """One inequality of the argument: ``where`` implies ``holds``, and what it is needed for."""

    name: str
    where: tuple[str, ...]
    holds: str
    why: str

    def obligation(self) -> Obligation:
        """What a certificate has to prove."""
        hypotheses = tuple(nnf(parse_formula(item)) for item in self.where)
        return Obligation(hypotheses, nnf(parse_formula(self.holds)))


LINKS = (
    Link(
        "one sign",
        (),
        "(exp(y) + exp(-y))/2 == cosh(y)",
        "with y = L w: the expectation of exp(L w s) over one sign s is cosh(L w)",
    ),
    Link("cosh, right of 0", ("y >= 0",), "cosh(y) <= exp(y^2/2)", "hence at most exp((L w)^2/2)"),
    Link("cosh, left of 0", ("y <= 0",), "cosh(y) <= exp(y^2/2)", "for every real y"),
    Link(
        "no signs",
        ("m == 1",),
        "m <= exp(L^2*0/2)",
        "the expectation m of exp(L X) is at most exp(L^2 S/2): for no signs, X = 0 and S = 0",
    ),
    Link(
        "one more sign",
        ("m >= 0", "m <= exp(L^2*S/2)", "c >= 0", "c <= exp((L*w)^2/2)"),
        "m*c <= exp(L^2*(S + w^2)/2)",
        "and with one sign more, by independence, it is multiplied by c = cosh(L w): induction",
    ),
    Link(
        "indicator",
        ("L >= 0", "a == 0 or (a == 1 and X >= r)"),
        "a*exp(L*r) <= exp(L*X)",
        "a is the indicator of X >= r; in expectation P exp(L r) <= m, where P = Pr[X >= r]",
    ),
    Link(
        "quotient",
        ("P >= 0", "P*exp(B) <= exp(A)"),
        "P <= exp(A - B)",
        "with A = L^2 S/2 and B = L r",
    ),
    Link(
        "best L",
        ("V > 0", "S <= V", "L == r/V"),
        "L^2*S/2 - L*r <= -r^2/(2*V)",
        "L = r/V, which is positive",
    ),
    Link(
        "exponents",
        ("A - B <= D",),
        "exp(A - B) <= exp(D)",
        "with D = -r^2/(2 V): the bound for one side",
    ),
    Link(
        "either side",
        ("r > 0", "abs(X) >= r"),
        "X >= r or -X >= r",
        "-X has the weights -w_i, whose squares are the same",
    ),
    Link(
        "both sides",
        ("p >= 0", "q >= 0", "a == 0 or (a == 1 and p == 1) or (a == 1 and q == 1)"),
        "a <= p + q",
        "indicators of abs(X) >= r, X >= r and -X >= r; in expectation, twice the bound for one side",
    ),
)


def check_links() -> None:
    """Check the proof of every link.

    Raises:
        Refused: a proof is missing or is not accepted; says which.
    """
    for link in LINKS:
        if link.name not in PROOFS:
            raise Refused(f"no proof of {link.name!r}")
        try:
            cited = accept(link.obligation(), json.loads(PROOFS[link.name]))
        except Refused as error:
            raise Refused(f"{link.name}: {error}") from error
        if cited:
            raise Refused(f"{link.name} rests on cited facts")


# Proofs, as the search found them.
PROOFS = {
    "one sign": r"""
{"rule":"given"}
""",
    "cosh, right of 0": r"""
{"by":{"name":"exp_positive","rule":"fact","terms":["y*log(e)"]},"fact":
"exp(y*log(e)) > 0","rule":"cut","then":{"by":{"name":"exp_positive","rule":
"fact","terms":["(1/2*y^2)*log(e)"]},"fact":"exp(1/2*y^2*log(e)) > 0",
"rule":"cut","then":{"keep":[0],"rule":"focus","then":{"by":{"by":{"name":
"exp_positive","rule":"fact","terms":["y"]},"fact":"exp(y) > 0","rule":
"cut","then":{"equations":[],"products":[["1/2",[2],[]],["1/2",[1],[]]],
"rule":"refute"}},"fact":"exp(y) >= 0","rule":"cut","then":{"by":{"by":
{"name":"exp_positive","rule":"fact","terms":["y"]},"fact":"exp(y) > 0",
"rule":"cut","then":{"by":{"name":"exp_positive","rule":"fact","terms":
["1/2*y^2"]},"fact":"exp(1/2*y^2) > 0","rule":"cut","then":{"base":{"rule":
"given"},"domain":{"parts":[],"rule":"all"},"from":"0","order":{"rule":
"given"},"point":"y_1","rule":"slope","side":"right","slope":{"by":{"by":
{"name":"exp_positive","rule":"fact","terms":["y_1"]},"fact":"exp(y_1) > 0",
"rule":"cut","then":{"equations":[],"products":[["1/2",[7],[]],["1/2",
[6],[]]],"rule":"refute"}},"fact":"exp(y_1) >= 0","rule":"cut","then":
{"by":{"by":{"name":"exp_positive","rule":"fact","terms":["y_1"]},"fact":
"exp(y_1) > 0","rule":"cut","then":{"by":{"name":"exp_positive","rule":
"fact","terms":["1/2*y_1^2"]},"fact":"exp(1/2*y_1^2) > 0","rule":"cut",
"then":{"by":{"equations":[[9,"-1/2"]],"products":[["1/2",[4],[]],["1/2",
[],[]]],"rule":"refute"},"fact":"y_1 + 1 != 0","rule":"cut","then":{"by":
{"base":{"rule":"given"},"domain":{"by":{"equations":[],"products":[["1",
[12],[]],["1",[5],[]],["1",[11],[]]],"rule":"refute"},"fact":"y_2 < y",
"rule":"cut","then":{"equations":[[13,"-1"]],"products":[["1",[10],[]],
["1",[],[]]],"rule":"refute"}},"from":"0","order":{"rule":"given"},"point":
"y_2","rule":"slope","side":"right","slope":{"by":{"equations":[],"products":
[["1/2",[12],[]],["1/2",[5],[]],["1/2",[11],[]]],"rule":"refute"},"fact":
"y_2 < y","rule":"cut","then":{"parts":[{"equations":[[13,"-1/2"]],"products":
[["1/2",[10],[]],["1/2",[],[]]],"rule":"refute"},{"by":{"by":{"by":{"equations":
[],"products":[["1/2",[14],[]],["1/2",[10],[]],["1/2",[],[]]],"rule":"refute"},
"fact":"y_2 + 1 > 0","rule":"cut","then":{"equations":[],"products":[["1",
[15],[]],["1",[14,14],[]]],"rule":"refute"}},"fact":"(y_2 + 1)^2 > 0",
"rule":"cut","then":{"rule":"given"}},"fact":"(y_2 + 1)^2 != 0","rule":
"cut","then":{"by":{"by":{"name":"exp_positive","rule":"fact","terms":
["y_2"]},"fact":"exp(y_2) > 0","rule":"cut","then":{"equations":[],"products":
[["1/2",[16],[]],["1/2",[15],[]]],"rule":"refute"}},"fact":"exp(y_2) >= 0",
"rule":"cut","then":{"by":{"by":{"name":"exp_positive","rule":"fact","terms":
["1/2*y_2^2"]},"fact":"exp(1/2*y_2^2) > 0","rule":"cut","then":{"equations":
[],"products":[["1/2",[17],[]],["1/2",[16],[]]],"rule":"refute"}},"fact":
"exp(1/2*y_2^2) >= 0","rule":"cut","then":{"equations":[],"products":[["1",
[17],[]],["1",[16,15],["y_2","y_2 + 1"]]],"rule":"refute"}}}}],"rule":
"all"}},"strict":"slope","var":"y_1"},"fact":"exp(-(1/2*y_1^2))*(exp(1/2*y_1^2)*y_1 + exp(1/2*y_1^2) - exp(y_1))/(y_1 + 1) >= 0",
"rule":"cut","then":{"by":{"equations":[],"products":[["1/2",[11],[]],
["1/2",[4],[]],["1/2",[],[]]],"rule":"refute"},"fact":"y_1 + 1 > 0","rule":
"cut","then":{"equations":[],"products":[["1",[12,11,8],[]],["1",[10],
[]]],"rule":"refute"}}}}}},"fact":"exp(1/2*y_1^2)*y_1 + exp(1/2*y_1^2) - exp(y_1) >= 0",
"rule":"cut","then":{"equations":[],"products":[["1",[8],[]],["2",[7,6],
[]]],"rule":"refute"}}},"strict":"slope","var":"y"}}},"fact":"2*exp(y)*exp(1/2*y^2) - exp(y)^2 - 1 >= 0",
"rule":"cut","then":{"equations":[],"products":[["1",[3],[]],["1/2",[1,
2],[]]],"rule":"refute"}}}}}}
""",
    "cosh, left of 0": r"""
{"by":{"name":"exp_positive","rule":"fact","terms":["y*log(e)"]},"fact":
"exp(y*log(e)) > 0","rule":"cut","then":{"by":{"name":"exp_positive","rule":
"fact","terms":["(1/2*y^2)*log(e)"]},"fact":"exp(1/2*y^2*log(e)) > 0",
"rule":"cut","then":{"keep":[0],"rule":"focus","then":{"by":{"by":{"name":
"exp_positive","rule":"fact","terms":["y"]},"fact":"exp(y) > 0","rule":
"cut","then":{"equations":[],"products":[["1/2",[2],[]],["1/2",[1],[]]],
"rule":"refute"}},"fact":"exp(y) >= 0","rule":"cut","then":{"by":{"by":
{"name":"exp_positive","rule":"fact","terms":["y"]},"fact":"exp(y) > 0",
"rule":"cut","then":{"by":{"name":"exp_positive","rule":"fact","terms":
["1/2*y^2"]},"fact":"exp(1/2*y^2) > 0","rule":"cut","then":{"base":{"rule":
"given"},"domain":{"parts":[],"rule":"all"},"from":"0","order":{"rule":
"given"},"point":"y_1","rule":"slope","side":"left","slope":{"by":{"by":
{"name":"exp_positive","rule":"fact","terms":["y_1"]},"fact":"exp(y_1) > 0",
"rule":"cut","then":{"equations":[],"products":[["1/2",[7],[]],["1/2",
[6],[]]],"rule":"refute"}},"fact":"exp(y_1) >= 0","rule":"cut","then":
{"by":{"by":{"name":"exp_positive","rule":"fact","terms":["y_1"]},"fact":
"exp(y_1) > 0","rule":"cut","then":{"by":{"name":"exp_positive","rule":
"fact","terms":["1/2*y_1^2"]},"fact":"exp(1/2*y_1^2) > 0","rule":"cut",
"then":{"by":{"base":{"rule":"given"},"domain":{"parts":[],"rule":"all"},
"from":"0","order":{"rule":"given"},"point":"y_2","rule":"slope","side":
"left","slope":{"by":{"equations":[],"products":[["1/2",[11],[]],["1/2",
[4],[]],["1/2",[9],[]]],"rule":"refute"},"fact":"y_2 > y","rule":"cut",
"then":{"by":{"by":{"name":"exp_positive","rule":"fact","terms":["y_2"]},
"fact":"exp(y_2) > 0","rule":"cut","then":{"equations":[],"products":[["1/2",
[13],[]],["1/2",[12],[]]],"rule":"refute"}},"fact":"exp(y_2) >= 0","rule":
"cut","then":{"by":{"by":{"name":"exp_positive","rule":"fact","terms":
["1/2*y_2^2"]},"fact":"exp(1/2*y_2^2) > 0","rule":"cut","then":{"equations":
[],"products":[["1/2",[14],[]],["1/2",[13],[]]],"rule":"refute"}},"fact":
"exp(1/2*y_2^2) >= 0","rule":"cut","then":{"equations":[],"products":[["1",
[14],[]],["1",[13,12],["y_2"]]],"rule":"refute"}}}},"strict":"slope","var":
"y_1"},"fact":"exp(-y_1)*(exp(y_1) - exp(1/2*y_1^2)*y_1 - exp(1/2*y_1^2)) >= 0",
"rule":"cut","then":{"equations":[],"products":[["1",[10,7],[]],["1",[9],
[]]],"rule":"refute"}}}},"fact":"exp(y_1) - exp(1/2*y_1^2)*y_1 - exp(1/2*y_1^2) >= 0",
"rule":"cut","then":{"equations":[],"products":[["1",[8],[]],["2",[7,6],
[]]],"rule":"refute"}}},"strict":"slope","var":"y"}}},"fact":"2*exp(y)*exp(1/2*y^2) - exp(y)^2 - 1 >= 0",
"rule":"cut","then":{"equations":[],"products":[["1",[3],[]],["1/2",[1,
2],[]]],"rule":"refute"}}}}}}
""",
    "no signs": r"""
{"rule":"given"}
""",
    "one more sign": r"""
{"by":{"name":"exp_positive","rule":"fact","terms":["(1/2*(L^2*S))*log(e)"]},
"fact":"exp(1/2*(L^2*S)*log(e)) > 0","rule":"cut","then":{"by":{"name":
"exp_positive","rule":"fact","terms":["(1/2*(L^2*w^2))*log(e)"]},"fact":
"exp(1/2*(L^2*w^2)*log(e)) > 0","rule":"cut","then":{"equations":[],"products":
[["1",[6],[]],["1",[1,2],[]],["1",[3,4],[]]],"rule":"refute"}}}
""",
    "indicator": r"""
{"branches":[{"by":{"name":"exp_positive","rule":"fact","terms":["(L*r)*log(e)"]},
"fact":"exp(L*r*log(e)) > 0","rule":"cut","then":{"by":{"name":"exp_positive",
"rule":"fact","terms":["(L*X)*log(e)"]},"fact":"exp(L*X*log(e)) > 0","rule":
"cut","then":{"by":{"rule":"given"},"fact":"e^(L*X) > 0","rule":"cut",
"then":{"by":{"facts":[4,5],"rule":"line","separators":[]},"fact":"-e^(L*X) <= 0",
"rule":"cut","then":{"equations":[[1,"-e^(L*r)"]],"products":[["1",[6],
[]],["1",[5],[]]],"rule":"refute"}}}}},{"by":{"name":"exp_positive","rule":
"fact","terms":["(L*r)*log(e)"]},"fact":"exp(L*r*log(e)) > 0","rule":"cut",
"then":{"by":{"name":"exp_positive","rule":"fact","terms":["(L*X)*log(e)"]},
"fact":"exp(L*X*log(e)) > 0","rule":"cut","then":{"by":{"equations":[],
"products":[["1",[5],[]],["1",[2,0],[]]],"rule":"refute"},"fact":"L*r*log(e) <= L*X*log(e)",
"rule":"cut","then":{"by":{"name":"exp_increasing","rule":"fact","terms":
["(L*r)*log(e)","(L*X)*log(e)"]},"fact":"exp(L*r*log(e)) <= exp(L*X*log(e))",
"rule":"cut","then":{"equations":[[1,"-e^(L*r)"]],"products":[["1",[6],
[]],["1",[7],[]]],"rule":"refute"}}}}}],"of":0,"rule":"cases"}
""",
    "quotient": r"""
{"by":{"name":"exp_positive","rule":"fact","terms":["A*log(e)"]},"fact":
"exp(A*log(e)) > 0","rule":"cut","then":{"by":{"name":"exp_positive","rule":
"fact","terms":["B*log(e)"]},"fact":"exp(B*log(e)) > 0","rule":"cut","then":
{"equations":[],"products":[["1",[4],[]],["1",[1,3],[]]],"rule":"refute"}}}
""",
    "best L": r"""
{"by":{"equations":[[2,"1/2*r - 1/2*L*V"]],"products":[["1",[0,4],[]],
["1/2",[1,3],["L"]]],"rule":"refute"},"fact":"L*V*r - 1/2*L^2*S*V - 1/2*r^2 >= 0",
"rule":"cut","then":{"equations":[],"products":[["1",[5],[]],["1",[4,0],
[]]],"rule":"refute"}}
""",
    "exponents": r"""
{"by":{"name":"exp_positive","rule":"fact","terms":["A*log(e)"]},"fact":
"exp(A*log(e)) > 0","rule":"cut","then":{"by":{"name":"exp_positive","rule":
"fact","terms":["B*log(e)"]},"fact":"exp(B*log(e)) > 0","rule":"cut","then":
{"by":{"name":"exp_positive","rule":"fact","terms":["D*log(e)"]},"fact":
"exp(D*log(e)) > 0","rule":"cut","then":{"keep":[0],"rule":"focus","then":
{"by":{"by":{"name":"exp_positive","rule":"fact","terms":["B"]},"fact":
"exp(B) > 0","rule":"cut","then":{"equations":[],"products":[["1/2",[2],
[]],["1/2",[1],[]]],"rule":"refute"}},"fact":"exp(B) >= 0","rule":"cut",
"then":{"by":{"by":{"name":"exp_positive","rule":"fact","terms":["A"]},
"fact":"exp(A) > 0","rule":"cut","then":{"by":{"name":"exp_positive","rule":
"fact","terms":["B"]},"fact":"exp(B) > 0","rule":"cut","then":{"by":{"name":
"exp_positive","rule":"fact","terms":["D"]},"fact":"exp(D) > 0","rule":
"cut","then":{"by":{"name":"exp_increasing","rule":"fact","terms":["A",
"B + D"]},"fact":"exp(A) <= exp(B + D)","rule":"cut","then":{"equations":
[],"products":[["1",[6],[]],["1",[5],[]]],"rule":"refute"}}}}},"fact":
"exp(B)*exp(D) - exp(A) >= 0","rule":"cut","then":{"equations":[],"products":
[["1",[3],[]],["1",[1,2],[]]],"rule":"refute"}}}}}}}
""",
    "either side": r"""
{"no":{"index":1,"rule":"either","then":{"by":{"name":"abs_bounds","rule":
"fact","terms":["X"]},"fact":"abs(X) >= X","rule":"cut","then":{"by":{"name":
"abs_bounds","rule":"fact","terms":["X"]},"fact":"abs(X) >= -X","rule":
"cut","then":{"by":{"name":"abs_bounds","rule":"fact","terms":["X"]},"fact":
"abs(X) >= 0","rule":"cut","then":{"by":{"by":{"by":{"no":{"by":{"name":
"abs_nonpositive","rule":"fact","terms":["X"]},"fact":"abs(X) == -X","rule":
"cut","then":{"rule":"given"}},"on":"X >= 0","rule":"split","yes":{"by":
{"name":"abs_nonnegative","rule":"fact","terms":["X"]},"fact":"abs(X) == X",
"rule":"cut","then":{"equations":[[7,"-1"]],"products":[["1",[1],[]],["1",
[2],[]]],"rule":"refute"}}},"fact":"X <= 0","rule":"cut","then":{"by":
{"name":"abs_nonpositive","rule":"fact","terms":["X"]},"fact":"abs(X) == -X",
"rule":"cut","then":{"rule":"given"}}},"fact":"X <= 0","rule":"cut","then":
{"by":{"name":"abs_nonpositive","rule":"fact","terms":["X"]},"fact":"abs(X) == -X",
"rule":"cut","then":{"rule":"given"}}},"fact":"X <= 0","rule":"cut","then":
{"by":{"name":"abs_nonpositive","rule":"fact","terms":["X"]},"fact":"abs(X) == -X",
"rule":"cut","then":{"equations":[[7,"-1"]],"products":[["1",[1],[]],["1",
[8],[]]],"rule":"refute"}}}}}}},"on":"X >= r","rule":"split","yes":{"index":
0,"rule":"either","then":{"rule":"given"}}}
""",
    "both sides": r"""
{"branches":[{"equations":[[2,"-1"]],"products":[["1",[0],[]],["1",[1],
[]],["1",[3],[]]],"rule":"refute"},{"by":{"facts":[1,4],"rule":"line",
"separators":[]},"fact":"-q <= 0","rule":"cut","then":{"equations":[[2,
"-1"],[3,"1"]],"products":[["1",[5],[]],["1",[4],[]]],"rule":"refute"}},
{"by":{"facts":[0,4],"rule":"line","separators":[]},"fact":"-p <= 0","rule":
"cut","then":{"equations":[[2,"-1"],[3,"1"]],"products":[["1",[5],[]],
["1",[4],[]]],"rule":"refute"}}],"of":0,"rule":"cases"}
""",
}
