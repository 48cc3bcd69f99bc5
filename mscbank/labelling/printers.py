"""Label printers: registered, loaded with a stock, ended."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from mscbank.audit.service import record
from mscbank.database import session
from mscbank.errors import AlreadyDone, Unfit
from mscbank.labelling import rules
from mscbank.labelling.models import LabelPrint, Printer, PrintState
from mscbank.permissions import Actor, Permission


def add_printer(name: str, place: str, dpi: int, stock: str, host: str, port: int = 9100, *,
                by: Actor, at: datetime) -> Printer:
    """Register a printer that speaks ZPL on a TCP port. ``dpi``: 203, 300 or 600."""
    by.must(Permission.KEEP_PRINTERS)
    rules.a_roll(stock)
    rules.a_host(host)
    if session.scalar(sa.select(Printer.id).where(Printer.name == name)):
        raise AlreadyDone(f"There is a printer called {name} already: give it another name.")
    printer = Printer(name=name, place=place, dpi=dpi, stock=stock, host=host, port=port,
                      recorded_by_id=by.id, recorded_at=at)
    session.add(printer)
    session.flush()
    record("add printer", printer, by=by, at=at, name=name, place=place, dpi=dpi, stock=stock,
           host=host, port=port)
    return printer


def load_stock(printer: Printer, stock: str, *, by: Actor, at: datetime) -> Printer:
    """Another roll is in the printer from now on."""
    by.must(Permission.KEEP_PRINTERS)
    in_use(printer)
    rules.a_roll(stock)
    if stock == printer.stock:
        raise AlreadyDone(f"{printer.name} is loaded with {stock} already.", field="stock")
    nothing_waits(printer, "load another stock")
    was, printer.stock = printer.stock, stock
    record("load stock", printer, by=by, at=at, stock=stock, was=was)
    return printer


def end_printer(printer: Printer, reason: str, *, by: Actor, at: datetime) -> Printer:
    """The printer is used no more; what it printed stays known."""
    by.must(Permission.KEEP_PRINTERS)
    may_end(printer)
    printer.ended_at, printer.ended_why = at, rules.reasoned(reason)
    record("end printer", printer, by=by, at=at, reason=printer.ended_why)
    return printer


def may_end(printer: Printer) -> None:
    """A printer ends once, and with an empty queue."""
    in_use(printer)
    nothing_waits(printer, "end the printer")


def in_use(printer: Printer) -> None:
    """Refuse a printer that has ended."""
    if printer.ended_at is not None:
        raise AlreadyDone(f"{printer.name} was ended: {printer.ended_why}")


def nothing_waits(printer: Printer, act: str) -> None:
    """Refuse while copies wait for the printer or are being sent to it."""
    waiting = session.scalar(sa.select(sa.func.count()).select_from(LabelPrint).where(
        LabelPrint.printer_id == printer.id,
        LabelPrint.state.in_([PrintState.WAITING, PrintState.SENDING])))
    if waiting:
        raise Unfit(f"Cannot {act}: {waiting} {'copy waits' if waiting == 1 else 'copies wait'} "
                    "for it. Run the print queue, or void these copies.")
