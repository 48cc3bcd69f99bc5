"""Numbers as people type them into a box, or copy them from a page: read in one way, or asked about."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

from marshmallow import fields, validate

from mscbank.rules import LOWERED


def quantity(text: str, asked: fields.Field) -> str:
    """``70,5`` is what people in Paris write for 70.5. Refused where it could be thousands, which
    ``0,625`` is not, nor ``1,125`` of a scale that ends at 3."""
    squeezed = re.sub(r"[\s\u00a0\u202f]", "", text)
    if "," not in squeezed:
        return text
    if re.fullmatch(r"-?(\d+,(\d{1,2}|\d{4,})|0,\d+)", squeezed) or (
            re.fullmatch(r"\d+,\d{3}", squeezed) and _one_way(asked, squeezed)):
        return squeezed.replace(",", ".")
    raise ValueError("This can be read in two ways: write the decimal mark as a point, as in 8.2, "
                     "and nothing between thousands.")


def _one_way(asked: fields.Field, text: str) -> bool:
    """Whether the box takes what is read with a decimal comma, and nothing as large as the other."""
    part, whole = Decimal(text.replace(",", ".")), Decimal(text.replace(",", ""))
    return any(isinstance(limit, validate.Range) and limit.max is not None
               and (limit.min or 0) <= part <= limit.max < whole for limit in asked.validators)


def whole(text: str) -> int | str:
    """``84e6``, ``84 000 000``, ``8.4 × 10^7`` and ``8.4 × 10⁷`` are many cells. Refused where nothing
    raises the power: ``2 x 105`` is two hundred thousand to one reader, 210 to another."""
    squeezed = re.sub(r"[\s\u00a0\u202f]", "", text)
    squeezed = re.sub(r"(?<=10)(?=[⁰¹²³⁴⁵⁶⁷⁸⁹])", "^", squeezed).translate(LOWERED)
    if flat := re.fullmatch(r"([\d.,]+)[xX×*]10([1-9]\d?)", squeezed):
        raise ValueError(f"This can be read in two ways: write {flat[1]}e{flat[2]} for {flat[1]} × "
                         f"10^{flat[2]}, else the whole number.")
    squeezed = re.sub(r"[xX×*]10\^(?=\d{1,2}$)", "e", squeezed)
    if re.fullmatch(r"\d{1,18}", squeezed):
        return int(squeezed)
    squeezed = re.sub(r"(?<=\d),(?=\d{1,6}[eE])", ".", squeezed)
    if re.fullmatch(r"\d{1,6}(\.\d{1,6})?[eE]\+?\d{1,2}", squeezed):
        try:
            number = Decimal(squeezed)
        except InvalidOperation:
            return text
        if number == number.to_integral_value() and number < 10**18:
            return int(number)
    return text
