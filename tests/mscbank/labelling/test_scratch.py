from tests.cast import Cast
from tests.stages.labelling import *
from tests.stages.custody import *
import time
def test_all(bank):
    cast=Cast()
    lot=filled_lot(cast)
    t=time.time()
    labelled_lot(cast, lot); print(time.time()-t)
    b=lot.bags[0]
    reprinted(cast,b); apply(cast,b)
    assert __import__("mscbank.labelling.service",fromlist=["x"]).pdf_of(b.labels[-1].job)
    released_lot(cast, lot)
    print(lot.standing)
    bag_at_bedside(cast, lot)
