// Charts: every <figure data-chart> drawn by ECharts in the colours of the theme.
//
// The options are plain ECharts options in the figure's <script type="application/json">, with two additions:
// a colour may be written "var(--series-1)", and a `formatter` may be one of the names in FORMATS, e.g. "@percent".
// A data item with a `url` (a path of ours) is a link.
import * as echarts from "../npm/echarts/dist/echarts.esm.min.mjs";

const number = (options) => {
  const format = new Intl.NumberFormat(document.documentElement.lang || "en", options);
  return (value) => (typeof value === "number" && Number.isFinite(value) ? format.format(value) : "–");
};

const FORMATS = {
  "@percent": number({ style: "percent", maximumFractionDigits: 0 }),
  "@percent1": number({ style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 }),
  "@decimal": number({ minimumFractionDigits: 2, maximumFractionDigits: 2 }),
  "@decimal3": number({ minimumFractionDigits: 3, maximumFractionDigits: 3 }),
  "@count": number({ maximumFractionDigits: 0 }),
  "@compact": number({ notation: "compact", maximumFractionDigits: 1 }),
};

const probe = document.createElement("span");
probe.hidden = true;
document.body.append(probe);

/** The colour that a CSS variable has in the present theme. */
function colour(name) {
  return toRgb(`var(${name})`);
}

function toRgb(value) {
  probe.style.color = value;
  return getComputedStyle(probe).color;
}

/** The figure of a data item, which for a point or a cell stands last. */
function figureOf(value) {
  return Array.isArray(value) ? value.at(-1) : value;
}

function resolve(value, key) {
  if (typeof value === "string") {
    if (key === "formatter" && value in FORMATS) return (given) => FORMATS[value](figureOf(given?.value ?? given));
    if (key === "valueFormatter" && value in FORMATS) return (given) => FORMATS[value](figureOf(given));
    return value.startsWith("var(--") ? colour(value.slice(4, -1)) : value;
  }
  if (Array.isArray(value)) return value.map((part) => resolve(part, key));
  if (value && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, resolve(part, name)]));
  }
  return value;
}

function theme() {
  const ink = colour("--ink");
  const muted = colour("--ink-muted");
  const line = colour("--line");
  const axis = {
    axisLine: { lineStyle: { color: colour("--line-strong") } },
    axisTick: { show: false },
    axisLabel: { color: muted, fontSize: 12 },
    splitLine: { lineStyle: { color: line } },
    splitArea: { show: false },
    nameTextStyle: { color: muted, fontSize: 12 },
  };
  return {
    color: Array.from({ length: 8 }, (_, index) => colour(`--series-${index + 1}`)),
    backgroundColor: "transparent",
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: ink },
    title: { textStyle: { color: ink, fontSize: 13, fontWeight: 600 }, subtextStyle: { color: muted } },
    legend: { textStyle: { color: muted }, inactiveColor: line, icon: "roundRect", itemWidth: 12, itemHeight: 8 },
    tooltip: {
      backgroundColor: colour("--raised"),
      borderColor: line,
      textStyle: { color: ink, fontSize: 13 },
      className: "chart-tip",
      confine: true,
      axisPointer: { lineStyle: { color: muted }, crossStyle: { color: muted }, shadowStyle: { color: colour("--hover") } },
    },
    categoryAxis: { ...axis, splitLine: { show: false } },
    valueAxis: { ...axis, axisLine: { show: false } },
    logAxis: axis,
    timeAxis: axis,
    line: { symbolSize: 5, lineStyle: { width: 2 } },
    bar: { barMaxWidth: 28 },
    visualMap: { textStyle: { color: muted }, inRange: { color: [1, 2, 3, 4, 5].map((step) => colour(`--ramp-${step}`)) } },
  };
}

const DEFAULTS = { grid: { left: 0, right: 12, top: 28, bottom: 0, outerBoundsMode: "same", outerBoundsContain: "all" } };

const channels = (rgb) => rgb.match(/[\d.]+/g).slice(0, 3).map(Number);

/** Relative luminance (WCAG 2.2) of [r, g, b]. */
function luminance(rgb) {
  const [r, g, b] = rgb.map((part) => (part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** A heatmap's cells say row and column when pointed at, and carry figures dark on light, light on dark. */
function cells(options) {
  const names = [options.yAxis, options.xAxis].map((axis) => [].concat(axis ?? {})[0].data ?? []);
  const { min = 0, max = 1, inRange } = [].concat(options.visualMap ?? {})[0];
  const ramp = (inRange?.color ?? [1, 2, 3, 4, 5].map((step) => colour(`--ramp-${step}`))).map((each) => channels(toRgb(each)));
  for (const series of [].concat(options.series ?? []).filter(({ type, label }) => type === "heatmap" && label?.show)) {
    const text = typeof series.label.formatter === "function" ? series.label.formatter : ({ value }) => figureOf(value);
    series.tooltip ??= {
      formatter: ({ value }) => echarts.format.encodeHTML(`${names[0][value[1]]}, ${names[1][value[0]]}: ${text({ value })}`),
    };
    series.data = series.data.map((item) => {
      const place = Math.min(Math.max((figureOf(item.value ?? item) - min) / (max - min), 0), 1) * (ramp.length - 1);
      const [low, high] = [ramp[Math.floor(place)], ramp[Math.ceil(place)]];
      const light = luminance(low.map((part, index) => part + (high[index] - part) * (place % 1)));
      return { ...(item.value ? item : { value: item }), label: { color: light > 0.19 ? "#14161a" : "#ffffff" } };
    });
  }
  return options;
}

function axes(options) {
  // The name of an x axis stands below it; where ECharts puts it, it runs into the last label.
  for (const axis of [].concat(options.xAxis ?? [])) Object.assign(axis, { nameLocation: "middle", nameGap: 28, ...axis });
  return options;
}
const drawn = new Map();
const sizes = new ResizeObserver((entries) => entries.forEach(({ target }) => echarts.getInstanceByDom(target)?.resize()));

function draw(figure) {
  const canvas = figure.querySelector("[data-chart-canvas]");
  const options = JSON.parse(figure.querySelector('script[type="application/json"]').textContent);
  drawn.get(figure)?.dispose();
  const chart = echarts.init(canvas, theme(), { renderer: "canvas" });
  chart.setOption({
    ...DEFAULTS,
    animation: !matchMedia("(prefers-reduced-motion: reduce)").matches,
    animationDuration: drawn.has(figure) ? 0 : 350,
    ...axes(cells(resolve(options))),
  });
  chart.on("click", ({ data }) => {
    if (typeof data?.url === "string" && /^\/(?![/\\])/.test(data.url)) location.assign(data.url);
  });
  drawn.set(figure, chart);
  sizes.observe(canvas);
}

function forgetRemoved() {
  for (const [figure, chart] of drawn) {
    if (figure.isConnected) continue;
    sizes.unobserve(chart.getDom());
    chart.dispose();
    drawn.delete(figure);
  }
}

/** Draw the charts below `root` (or `root` itself) that are not drawn yet. */
export function mount(root) {
  forgetRemoved();
  const figures = [...root.querySelectorAll("figure[data-chart]")];
  if (root instanceof Element && root.matches("figure[data-chart]")) figures.push(root);
  figures.filter((figure) => !drawn.has(figure)).forEach(draw);
}

document.addEventListener("themechange", () => {
  forgetRemoved();
  [...drawn.keys()].forEach(draw);
});
