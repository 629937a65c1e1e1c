"""What a run or a sweep ends with: verdicts, a line each."""

from prh.report.ending import claims_in_words

HEAD = "metric,number,claim,where,verdict,measured,rule\n"
ROWS = (
    "cosine,1,a is b,everywhere,holds,0.1,r\n",
    "cosine,5a,b is c,here,undecided,0.1,r\n",
    "cka,5a,b is c,here,holds,0.1,r\n",
    "cosine,14,c is d,there,does not hold,0.1,r\n",
)


def test_every_claim_is_one_line_and_jobs_are_counted(tmp_path):
    (tmp_path / "study").mkdir()
    (tmp_path / "study" / "claims.csv").write_text(HEAD + "".join(ROWS))
    assert claims_in_words(tmp_path) == [
        "3 claims: 1 hold, 1 do not, 1 undecided, 0 not applicable",
        "   1  holds                 a is b (everywhere)",
        "  5a  1 undecided, 1 holds  b is c (here)",
        "  14  does not hold         c is d (there)",
    ]


def test_without_a_study_nothing_is_said_of_claims(tmp_path):
    assert claims_in_words(tmp_path) == []
