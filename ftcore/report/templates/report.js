"use strict";

const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

function themedAxis(axis) {
  return {
    ...axis,
    gridcolor: css("grid"),
    linecolor: css("line"),
    tickcolor: css("line"),
    title: { ...axis.title, font: { size: 12, color: css("muted") } },
    tickfont: { size: 12, color: css("muted") },
  };
}

function themed(figure) {
  const data = figure.data.map((trace) => {
    const color = css(trace.meta.color);
    const marker = { ...trace.marker, color, line: { ...trace.marker?.line, color } };
    return { ...trace, line: { ...trace.line, color }, marker };
  });
  const layout = {
    ...figure.layout,
    font: { family: css("sans"), color: css("text"), size: 12 },
    hoverlabel: { bgcolor: css("card"), bordercolor: css("line"), font: { color: css("text") } },
    xaxis: themedAxis(figure.layout.xaxis),
    yaxis: themedAxis(figure.layout.yaxis),
    // A finger that scrolls past a plot must not zoom it.
    dragmode: matchMedia("(pointer: coarse)").matches ? false : "zoom",
    shapes: (figure.layout.shapes || []).map((shape) => ({ ...shape, fillcolor: css(shape.name) })),
  };
  return { data, layout };
}

const figures = [...document.querySelectorAll("script[data-plot]")].map((script) => ({
  element: document.getElementById(script.dataset.plot),
  figure: JSON.parse(script.textContent),
}));

function draw() {
  const config = { responsive: true, displayModeBar: false, showTips: false };
  for (const { element, figure } of figures) {
    const { data, layout } = themed(figure);
    Plotly.react(element, data, layout, config);
  }
}

draw();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
