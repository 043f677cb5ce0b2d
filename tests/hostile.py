"""What somebody may type into any text: markup of every kind, and characters no font has."""

HOSTILE = (
    '#panic("x")', '#read("/etc/passwd")', '#eval("1")', '#include "x.typ"', "*gras* _i_ `code`",
    "$x^2$ @ref <label> #[x]", "= Titre\n== Sous-titre\n- liste\n+ liste", "\\u{41} \\ // /* x",
    "~~~ --- ... \"'", '"; } ] ) #', "{{ 7*7 }} {% raw %} ${7}", "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>", '" onmouseover="alert(1)', "javascript:alert(1)",
    "' OR 1=1 --", "%00 \x01 \x7f \ufffe", "🚒 日本語 עברית عربي 𓀀", "a" * 400,
    "\u202egnp.exe\u2066", "=cmd|' /C calc'!A0", "+33612345678", "-2+3", "@SUM(1)", "\t=1",
    "\uff1d1", "https://example.org/x",
)  # fmt: skip
