"""Security headers on every answer (OWASP ASVS 5, chapter 3.4), and the proxy in front."""

from __future__ import annotations

from flask import Flask, request
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Response

from mscbank.config import Config

# No inline script and no inline style anywhere; pictures from memory for the camera's frames.
POLICY = "; ".join((
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' blob:",
    "connect-src 'self'", "font-src 'self'", "manifest-src 'self'", "media-src 'self' blob:",
    "form-action 'self'", "base-uri 'none'", "object-src 'none'", "frame-ancestors 'none'"))
ALWAYS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=(), payment=(), usb=()",
}
A_YEAR = 31536000


def install(app: Flask, config: Config) -> None:
    """Trust exactly the proxies the configuration counts, and dress every answer."""
    if config.proxies:
        hops = config.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore

    @app.after_request
    def dress(answer: Response) -> Response:
        there = {name for name, _ in answer.headers}
        for name, value in ALWAYS.items():
            if name not in there:  # setdefault would look through all of them, twice, each time
                answer.headers.add(name, value)
        if config.https:
            answer.headers["Strict-Transport-Security"] = f"max-age={A_YEAR}; includeSubDomains"
        if request.endpoint == "static" and request.args.get("v") and answer.status_code == 200:
            answer.headers["Cache-Control"] = f"public, max-age={A_YEAR}, immutable"
        elif request.endpoint != "static":
            answer.headers["Cache-Control"] = "no-store"
        return answer
