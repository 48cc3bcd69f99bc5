"""The same labels by another package, run with that package's own Python: seconds on stdout.

Knows nothing of this project: facts come as JSON on standard input.
"""

import base64
import io
import json
import sys
import time

import qrcode


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
    modules = modules_of(symbol)
    path = "".join(f"M{column} {row}h1v1h-1z" for row, line in enumerate(modules)
                   for column, dark in enumerate(line) if dark)
    side = len(modules)
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
    from weasyprint import CSS

    writer = LabelWriter(item_template="{{ inside }}", default_stylesheets=(CSS(string=STYLE),))
    return writer.write_labels([{"inside": in_html(label)} for label in labels])


def by_pylabels(labels):
    import labels as pylabels
    from reportlab.graphics import shapes
    from reportlab.lib.units import mm

    def draw(drawing, width, height, facts):
        for x, y, text, size in facts["texts"]:
            drawing.add(shapes.String(x * mm, height - y * mm, text, fontSize=size))
        for symbol in facts["symbols"]:
            modules = modules_of(symbol)
            (left, top), side = symbol["at"], symbol["side"] / len(modules)
            for row, line in enumerate(modules):
                for column, dark in enumerate(line):
                    if dark:
                        drawing.add(shapes.Rect(
                            (left + column * side) * mm, height - (top + (row + 1) * side) * mm,
                            side * mm, side * mm, strokeWidth=0))

    sheet = pylabels.Sheet(pylabels.Specification(100, 100, 1, 1, 100, 100), draw)
    sheet.add_labels(labels)
    target = io.BytesIO()
    sheet.save(target)
    return target.getvalue()


def main():
    labels = json.load(sys.stdin)
    make = {"weasyprint": by_weasyprint, "blabel": by_blabel, "pylabels": by_pylabels}[sys.argv[1]]
    make(labels[:1])
    began = time.process_time()
    pdf = make(labels)
    took = time.process_time() - began
    if not pdf.startswith(b"%PDF"):
        sys.exit("no PDF came out")
    print(took)


main()
