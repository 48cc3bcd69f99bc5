import pathlib
from decimal import Decimal
from tests.cast import Cast
from tests.stages import release as R
from tests.stages.testing import *
from mscbank.release import stops
from mscbank.reports.certificate import certificate
from mscbank.audit.checkpoints import head
from mscbank.database import transaction
from mscbank.testing.service import standing_results
from mscbank.release import service as S
from mscbank import clock
def test_x(bank):
    cast = Cast()
    lot = R.conditional_lot(cast)
    old = [r for r in standing_results(lot)]
    with transaction():
        S.correct_result(next(r for r in old if r.test=="cd90"), "Typing error: read 87 for 97.", value=Decimal("97"), unit="%", by=cast.theo, at=clock.now())
    with transaction():
        S.correct_result(next(r for r in old if r.test=="sterility"), "Result arrived.", word="growth: Staphylococcus epidermidis & “others” <ő>", by=cast.theo, at=clock.now())
    with transaction():
        stops.open_deviation(lot.code, stops.Severity.MINOR, "Label printed a day late.", by=cast.theo, at=clock.now())
    pathlib.Path("/tmp/C/late.pdf").write_bytes(certificate(lot, head=head()))
    assert certificate(lot, head=head())==certificate(lot, head=head())
    from mscbank.accounts.models import Alert
    from mscbank.database import session
    import sqlalchemy as sa
    for a in session.scalars(sa.select(Alert)): print(a.role, a.sentence)
