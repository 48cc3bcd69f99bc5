"""Labels and the codes printed on them: facts in, bytes out.

Knows nothing of the application: no database, no request, no clock. The application hands over
frozen facts (`content`, `papers`) and a stock (`stock`), and gets back the bytes to print (`draw`
for any printer, `zpl` for thermal ones), the texts that must be read on them, and a check of the
printed picture (`readback`).

house codes   `housecode`: what everything that can be scanned is called
ISBT 128      `isbt128`: format and check character of the donation number and its neighbours
symbols       `qr`: module matrices; `signed`: the text that proves who issued a label
layouts       `layouts/*.toml`: where each fact stands; `layout_file` reads and checks them,
              `facts` are the texts they name, `compose` puts these in their places (`scene`)
scanners      `keyboards`: what a scanner set to another keyboard meant
"""
