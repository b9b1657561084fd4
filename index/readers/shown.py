"""Show the value of a cell as the sheet shows it, by its number format: 0.025 as "2.5%", 39217 as a date.

Dates are written ISO 8601, so that day and month cannot be taken for each other.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

BUILT_IN = {
    1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?", 13: "# ??/??",
    14: "m/d/yy", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM", 20: "h:mm",
    21: "h:mm:ss", 22: "m/d/yy h:mm", 27: "y/m/d", 30: "m/d/yy", 31: "y/m/d", 32: "h:mm", 33: "h:mm:ss", 36: "y/m/d",
    37: "#,##0;-#,##0", 38: "#,##0;-#,##0", 39: "#,##0.00;-#,##0.00", 40: "#,##0.00;-#,##0.00", 45: "mm:ss",
    46: "[h]:mm:ss", 47: "mm:ss", 48: "0.0E+0", 50: "y/m/d", 57: "y/m/d",
}  # fmt: skip
"""The number formats that have a number only, ECMA-376 part 1, 18.8.30."""

_TOKEN = re.compile(r'"([^"]*)"|\\(.)|[_*].|\[\$([^\]-]*)[^\]]*\]|(\[[hms]+\])|\[[^\]]*\]', re.IGNORECASE | re.DOTALL)
_DATE = re.compile(r"[ymdhs]", re.IGNORECASE)
_NUMBER = re.compile(r"[#0?][#0?,]*(?:\.([#0?]*))?(,*)(?:\s*(E[+-])[#0?]+)?|\.([#0?]+)", re.IGNORECASE)
_FRACTION = re.compile(r"[#0?]\s*/\s*[#0?\d]")
_LITERAL = re.compile("\ue000(.*?)\ue001", re.DOTALL)
_EPOCH = datetime(1899, 12, 30)
_EPOCH_1904 = datetime(1904, 1, 1)
_LAST_DAY = 2_958_466


def shown(value: float, code: str, *, since_1904: bool = False) -> str:
    """Return a number as a cell of the number format `code` shows it."""
    section, sign = _section(code, value)
    kept = _TOKEN.sub(_keep, section)
    bare = _LITERAL.sub("", kept)
    if "general" in bare.casefold() or not bare.strip(" -+()/.:,") or bare.strip() == "@":
        return plain(value)
    if not re.search(r"[#0?]", bare) and _DATE.search(bare):
        return _moment(value, bare, since_1904)
    if _FRACTION.search(bare):
        return plain(value)
    number = _NUMBER.search(kept)
    if number is None or re.search(r"[#0?]", kept[number.end() :]):
        return plain(value)  # digits in two places: "0 dollars and .00 cents"
    digits = _digits(abs(value), number, bare)
    before, after = (_LITERAL.sub(r"\1", part) for part in (kept[: number.start()], kept[number.end() :]))
    negative = value < 0 and sign and digits.strip("0.,%") != ""
    return " ".join(f"{'-' if negative else ''}{before}{digits}{after}".split())


def plain(value: float) -> str:
    """Return a number in as few digits as tell it."""
    if value == int(value) and abs(value) < 1e18:
        return f"{Decimal(repr(value)):.0f}"
    return f"{value:.15g}"


def _keep(match: re.Match[str]) -> str:
    if match[4]:
        return match[4]
    literal = match[1] if match[1] is not None else match[2] or match[3] or ""
    return f"\ue000{literal}\ue001" if literal else ""


def _section(code: str, value: float) -> tuple[str, bool]:
    """Return the part of a format that is for this value, and whether a minus is to be put before it."""
    parts: list[str] = [""]
    at = 0
    for match in re.finditer(r'"[^"]*"|\\.|\[[^\]]*\]|;', code):
        parts[-1] += code[at : match.start()]
        if match[0] == ";":
            parts.append("")
        else:
            parts[-1] += match[0]
        at = match.end()
    parts[-1] += code[at:]
    if value < 0 and len(parts) > 1 and parts[1].strip():
        return parts[1], False
    if value == 0 and len(parts) > 2 and re.search(r"[0#?]", parts[2]):
        return parts[2], False
    return parts[0], True


def _digits(value: float, number: re.Match[str], bare: str) -> str:
    decimals = number[1] if number[1] is not None else number[4] or ""
    if "%" in bare:
        value = float(Decimal(repr(value)) * 100)
    if number[3] or value > 1e20:
        return f"{value:.{len(decimals)}E}"
    whole = re.split(r"[.E]", number[0])[0]
    # Half a digit is rounded up, as a sheet does; a float's own rounding takes 2.5 to 2.
    exact = (Decimal(repr(value)) / 1000 ** len(number[2] or "")).quantize(
        Decimal(1).scaleb(-len(decimals)), ROUND_HALF_UP
    )
    written = f"{exact:,f}" if "," in whole.rstrip(",") else f"{exact:f}"
    spare = len(decimals) - len(decimals.rstrip("#"))
    for _ in range(spare):
        if "." in written and written.endswith("0"):
            written = written[:-1]
    left, point, right = written.rstrip(".").partition(".")
    return left.zfill(whole.count("0")) + point + right


def _moment(value: float, code: str, since_1904: bool) -> str:
    code = code.casefold()
    if re.search(r"\[[hms]+\]", code):
        minutes, seconds = divmod(round(value * 86400), 60)
        return f"{minutes // 60}:{minutes % 60:02d}" + (f":{seconds:02d}" if "s" in code else "")
    if not 0 <= value < _LAST_DAY:
        return plain(value)
    # Excel holds 1900 for a leap year: before March of it a day is missing.
    start = _EPOCH_1904 if since_1904 else _EPOCH + timedelta(days=int(value < 60))
    moment = start + timedelta(days=int(value), seconds=round((value - int(value)) * 86400))
    clock = f"{moment:%H:%M:%S}" if "s" in code else f"{moment:%H:%M}"
    if not re.search("[yd]", code) and re.search("[hs]", code):
        return clock
    day = f"{moment:%Y-%m-%d}" if "d" in code else f"{moment:%Y-%m}" if "m" in code else f"{moment:%Y}"
    return f"{day} {clock}" if "h" in code else day
