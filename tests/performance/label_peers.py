"""The same labels by another package, run with that package's own Python: seconds on stdout.

Knows nothing of this project: facts come as JSON on standard input.
"""

import base64
import io
import json
import sys
import time

import qrcode
import qrcode.image.svg


def modules_of(symbol):
    """The dark places of a symbol; those that `qrcode` does not make are given."""
    if symbol["modules"]:
        return [[sign == "1" for sign in line] for line in symbol["modules"]]
    maker = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_Q, border=0)
    maker.add_data(symbol["text"])
    maker.make()
    return maker.modules


def picture(symbol):
    """An SVG of one path, as HTML takes it."""
    path = "".join(f"M{column} {row}h1v1h-1z" for row, line in enumerate(modules_of(symbol))
                   for column, dark in enumerate(line) if dark)
    side = len(modules_of(symbol)) if symbol["modules"] else path.count("\n") or 64
    svg = (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}">'
           f'<path d="{path}"/></svg>')
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()


def in_html(label):
    """One label's inside."""
    texts = "".join(f'<p style="left:{x:.2f}mm;top:{y - size * 0.35:.2f}mm;font-size:{size}pt">'
                    f"{text}</p>" for x, y, text, size in label["texts"])
    return texts + "".join(
        f'<img style="left:{each["at"][0]:.2f}mm;top:{each["at"][1]:.2f}mm;'
        f'width:{each["side"]:.2f}mm" src="{picture(each)}">' for each in label["symbols"])


STYLE = ("@page{size:100mm 100mm;margin:0} p,img{position:absolute;margin:0;white-space:nowrap;"
         "font-family:sans-serif} section{position:relative;width:100mm;height:100mm;"
         "break-after:page}")


def by_weasyprint(labels):
    from weasyprint import HTML

    pages = "".join(f"<section>{in_html(label)}</section>" for label in labels)
    return HTML(string=f"<style>{STYLE}</style>{pages}").write_pdf()


def by_blabel(labels):
    from blabel import LabelWriter

    writer = LabelWriter(item_template="{{ inside|safe }}", default_stylesheets=(), is_file=False) \
        if False else LabelWriter(template(), default_stylesheets=(stylesheet(),))
    return writer.write_labels([{"inside": in_html(label)} for label in labels], target=None)
