"""The data card: one HTML page that says what a prepared dataset holds, and shows it.

`tally` and `thumbnails` look at every example once, `facts` puts together what the page shows, and
`page` writes it, from `template.html`, `card.css` and the scripts.
"""
