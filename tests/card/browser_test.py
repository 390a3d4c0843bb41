"""The card in a real browser: it loads, searches, sorts, shows images, and fits a phone."""

from __future__ import annotations

import card_data
import pytest

from cytoimagenet_tfds import sources as registry
from cytoimagenet_tfds.card import page, reading

LABELS = [f"compound {n:03d}" for n in range(894 - len(card_data.NASTY))] + list(card_data.NASTY)


@pytest.fixture(scope="module")
def card_file(tmp_path_factory):
    """The card of 894 classes, the nasty labels among them."""
    folder = tmp_path_factory.mktemp("card")
    card = reading.Card(card_data.dataset(LABELS, (2, 1), folder=folder))
    path = folder / "card.html"
    path.write_text(card_data.fill(card, LABELS, (2, 1), crop=True, scaling=0.5).html())
    return path


@pytest.fixture
def opened(browser, card_file):
    """The card, freshly opened at the width of a desk."""
    _resize(browser, 1280, 900)
    browser.get(card_file.as_uri())
    return browser


def _resize(browser, width, height, scheme="light"):
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
        "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600,
    })  # fmt: skip
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {
        "features": [{"name": "prefers-color-scheme", "value": scheme}],
    })  # fmt: skip


def _run(browser, script, *arguments):
    return browser.execute_script(script, *arguments)


def _labels(browser):
    return _run(browser, "return [...document.querySelectorAll('.open')].map(b => b.textContent)")


def _search(browser, text):
    _run(browser, """const field = document.getElementById('query'); field.value = arguments[0];
         field.dispatchEvent(new Event('input'))""", text)  # fmt: skip


def _sort(browser, column):
    _run(browser, "document.querySelector(`[data-column=${arguments[0]}] button`).click()", column)


def test_loads_whole_without_a_word_on_the_console(opened, card_file):
    assert card_file.stat().st_size < page.LIMIT
    assert _run(opened, "return document.documentElement.dataset.ready") == "true"
    assert opened.get_log("browser") == []
    assert "894" in _run(opened, "return document.getElementById('tiles').innerText")


def test_nothing_nasty_ran(opened):
    _search(opened, "document.title")
    shown = set(_labels(opened))
    assert shown == {label for label in card_data.NASTY if "document.title" in label}
    _run(opened, "document.querySelectorAll('.open').forEach(button => button.click())")
    assert opened.title.startswith("cytoimagenet/made_up")
    assert not _run(opened, "return document.querySelectorAll('[onerror], #classes b').length")
    assert opened.get_log("browser") == []


def test_search_finds_and_says_when_it_does_not(opened):
    assert len(_labels(opened)) == 20
    _search(opened, "POUND 12")
    wanted = [label for label in LABELS if "pound" in label and "12" in label]
    assert sorted(_labels(opened)) == wanted != []
    _search(opened, "no such class")
    assert _labels(opened) == []
    assert "No class fits" in _run(opened, "return document.getElementById('found').textContent")
    _search(opened, "kag_leukemia")  # every second class has images of it
    assert len(_labels(opened)) == 20
    assert "of 894 classes" in _run(opened, "return document.getElementById('found').textContent")
    _search(opened, "leukemia")
    assert len(_labels(opened)) == 20
    _search(opened, "0016")  # in the middle of idr0016: a number in a search means the class
    assert _labels(opened) == []


def test_show_all(opened):
    _run(opened, "document.getElementById('all').click()")
    assert sorted(_labels(opened)) == sorted(LABELS)


def test_sort_by_a_column_and_back(opened):
    _sort(opened, "label")
    down = _labels(opened)
    assert down[:2] == ["βeta-catenin, 漢字", "constructor"]
    _sort(opened, "label")
    assert _labels(opened) != down
    _sort(opened, "free")
    head = "return document.querySelector('[data-column=free]').getAttribute('aria-sort')"
    assert _run(opened, head) == "descending"


def test_category_filter(opened):
    wanted = _run(
        opened,
        """const field = document.getElementById('category');
        field.selectedIndex = 1; field.dispatchEvent(new Event('change')); return field.value""",
    )
    cells = "return [...document.querySelectorAll('#class-table tbody td:nth-child(2)')]"
    assert {cell.text for cell in _run(opened, cells)} == {wanted}


def test_images_come_on_demand_and_tell_their_source(opened):
    from selenium.webdriver import ActionChains
    from selenium.webdriver.common.keys import Keys

    assert not _run(opened, "return document.querySelectorAll('.detail img').length")
    _search(opened, "compound 123")
    button = _run(opened, "return document.querySelector('.open')")
    button.send_keys(Keys.ENTER)
    sizes = _run(
        opened,
        """return [...document.querySelectorAll('.detail img')]
        .map(image => [image.naturalWidth, image.naturalHeight])""",
    )
    assert sizes == [[60, 40]] * 3
    ActionChains(opened).send_keys(Keys.TAB).perform()
    tip = "const tip = document.getElementById('tip'); return tip.hidden ? '' : tip.innerText"
    assert "/compound 123/" in _run(opened, tip)
    assert "1/2 of each side" in _run(opened, tip)
    ActionChains(opened).send_keys(Keys.ESCAPE).perform()
    assert _run(opened, tip) == ""
    button.send_keys(Keys.ENTER)
    assert not _run(opened, "return document.querySelectorAll('.detail').length")


def test_keys_go_through_a_class(opened):
    from selenium.webdriver import ActionChains
    from selenium.webdriver.common.keys import Keys

    def press(*keys):
        ActionChains(opened).send_keys(*keys).perform()
        focus = "const e = document.activeElement; return e.ariaLabel ?? e.textContent"
        return _run(opened, focus)

    _search(opened, "compound 123")
    _run(opened, "return document.querySelector('.open')").send_keys(Keys.ENTER)
    assert press(Keys.TAB).startswith("Image 1,")
    assert press(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT, Keys.ARROW_RIGHT).startswith("Image 3,")
    assert press(Keys.HOME).startswith("Image 1,")
    assert press(Keys.END, Keys.ARROW_LEFT).startswith("Image 2,")
    assert not _run(opened, "return document.getElementById('tip').hidden")
    press(Keys.ESCAPE)
    assert _run(opened, "return document.querySelectorAll('.detail').length") == 1
    assert press(Keys.ESCAPE) == "compound 123"
    assert not _run(opened, "return document.querySelectorAll('.detail').length")
    press(Keys.TAB, Keys.ESCAPE)  # where nothing is open, nothing happens
    assert opened.get_log("browser") == []


def test_a_gallery_is_one_stop_of_the_tab_key(opened):
    stops = "return [...document.querySelectorAll('#strip button')].map(one => one.tabIndex)"
    assert _run(opened, stops) == [0] + [-1] * 15


def test_code_and_citations_are_there_to_copy(opened):
    texts = "return [...document.querySelectorAll('.copyable pre')].map(one => one.textContent)"
    load, own, sources = _run(opened, texts)
    assert 'tfds.load("cytoimagenet/made_up:1.0.0", split="train")' in load
    assert own == "@article{a,\n title={<i>T</i>}\n}"
    for name in ("bbbc006", "idr0016", "rec_rxrx1", "kag_leukemia"):
        assert registry.get(name).citation in sources
    _run(opened, "document.querySelector('#citation button').click()")
    assert _run(opened, "return getSelection().toString()").strip() == own


def test_images_of_a_chosen_class(opened):
    _run(opened, """const field = document.getElementById('class'); field.value = arguments[0];
         field.dispatchEvent(new Event('change'))""", str(LABELS.index("__proto__")))  # fmt: skip
    assert len(_run(opened, "return [...document.querySelectorAll('#gallery img')]")) == 3


def test_a_dataset_without_classes(browser, tmp_path):
    dataset = card_data.dataset([], folder=tmp_path)
    dataset.splits = {"train": 3}
    dataset.info.splits.pop("validation")
    path = tmp_path / "card.html"
    path.write_text(card_data.fill(reading.Card(dataset), [""], (3, 0)).html())
    browser.get(path.as_uri())
    assert browser.get_log("browser") == []
    assert _run(browser, "return document.querySelectorAll('#gallery img').length") == 3
    shown = "return [...document.querySelectorAll('#classes, #picker')].some(n => n.offsetParent)"
    assert not _run(browser, shown)
    licences = _run(browser, "return document.getElementById('licences').innerText")
    assert "1 image (33\u00a0%): commercial use not allowed" in licences
    assert "nothing can leak" in _run(browser, "return document.getElementById('splits').innerText")


@pytest.mark.parametrize("width", [320, 390])
def test_fits_a_phone(opened, width):
    _resize(opened, width, 800)
    assert _run(opened, "return document.documentElement.scrollWidth") <= width


_CONTRAST = """
const level = (text) => { const part = text.match(/[0-9.]+/g).slice(0, 3).map(Number)
  .map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  return 0.2126 * part[0] + 0.7152 * part[1] + 0.0722 * part[2]; };
const ground = (node) => { for (; node; node = node.parentElement) {
  const colour = getComputedStyle(node).backgroundColor;
  if (!/, 0\\)$/.test(colour)) return colour; } return 'rgb(255, 255, 255)'; };
return Math.min(...[...document.querySelectorAll('p, dt, dd, a, th, td, li, label, h1, h2, button')]
  .filter(node => node.offsetParent && node.textContent.trim()).map(node => {
    const pair = [level(getComputedStyle(node).color), level(ground(node))].sort((a, b) => b - a);
    return (pair[0] + 0.05) / (pair[1] + 0.05); }));
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast_is_that_of_wcag_aa(opened, scheme):
    _resize(opened, 1280, 900, scheme)
    ground = _run(opened, "return getComputedStyle(document.body).backgroundColor")
    assert ground == {"light": "rgb(255, 255, 255)", "dark": "rgb(18, 22, 27)"}[scheme]
    assert _run(opened, _CONTRAST) >= 4.5
