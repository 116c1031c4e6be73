// What of the page is smaller than a fingertip (44 px) or hard to read (a contrast below 4.5).
(() => {
  const found = [];
  const isVisible = (e) => e.checkVisibility({ visibilityProperty: true });
  const name = (e) => `${e.tagName.toLowerCase()}.${e.className} “${e.textContent.trim().slice(0, 30)}”`;
  for (const e of document.querySelectorAll("button, select, summary, label, a, input:not([type=checkbox])")) {
    if (!isVisible(e) || e.matches(".skip")) continue;
    const box = e.getBoundingClientRect();
    if (box.width < 44 || box.height < 44) found.push(`${name(e)} is ${Math.round(box.width)} x ${Math.round(box.height)}`);
  }
  const parse = (colour) => (colour.match(/[\d.]+/g) ?? []).map(Number);
  const light = (colour) => {
    const [r, g, b] = colour.map((one) => one / 255).map((one) => (one <= 0.03928 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (e) => {
    const layers = [];
    for (let at = e; at; at = at.parentElement) {
      const [r, g, b, a = 1] = parse(getComputedStyle(at).backgroundColor);
      layers.unshift([r, g, b, a]);
      if (a === 1) break;
    }
    return layers.reduce((below, [r, g, b, a]) => [r, g, b].map((one, i) => one * a + below[i] * (1 - a)), [255, 255, 255]);
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const e = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || !isVisible(e) || e.closest("script, .avatar, span.spoiler, .skip, option")) continue;
    const style = getComputedStyle(e);
    const [one, other] = [light(parse(style.color).slice(0, 3)), light(ground(e))].sort((a, b) => b - a);
    const contrast = (one + 0.05) / (other + 0.05);
    if (contrast < 4.5) found.push(`${name(e)} in ${e.closest("[class]")?.className}: contrast ${contrast.toFixed(2)}`);
    for (let at = e; at; at = at.parentElement) if (getComputedStyle(at).opacity < 1) found.push(`${name(e)} is faded`);
  }
  return [...new Set(found)];
})()
