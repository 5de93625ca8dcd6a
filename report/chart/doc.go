// Package chart draws counts and numbers over time as SVG.
//
// A [Figure] is one file: panels from top to bottom, each a plot over its own
// stretch of time; rows of small plots, for many models; maps of hours by day.
// go-chart lays a plot out, scales it and drives the drawing; what it gets wrong
// is replaced in one place each:
//
//   - canvas is the renderer: it escapes all text, keeps fractions of pixels,
//     and needs no embedded font;
//   - span is the range of an axis: ticks do not stretch it;
//   - valueTicks and timeTicks choose round ticks, those of time on the
//     clocks of a zone;
//   - Columns and Line are the series: absolute counts on a time axis, gaps
//     that stay gaps, one point or none;
//   - places are the least that is drawn on its own: of a series longer than the
//     plot has pixels, each keeps its extremes.
//
// The same figure gives the same bytes. Colours are those of [Palette]; a page
// that shows a figure inline can replace them by its style sheet.
package chart
