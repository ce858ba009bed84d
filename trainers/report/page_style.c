/* page_style.c - how a report looks: on a screen, light or dark, on a phone, in print.
 *
 * Colours are those of Okabe and Ito, which colour-blind readers tell apart; every
 * style also has a dash and a mark of its own, for those who print in grey. */
#include "trainers/report/html.h"
#include "trainers/report/page_parts.h"

static const char base[] =
        ":root{color-scheme:light dark;--ink:#1b1b1b;--soft:#5c5c5c;--rule:#c9c9c9;"
        "--grid:#e6e6e6;--paper:#fff;--box:#f6f6f4;--s0:#0072b2;--s1:#c04f00;"
        "--s2:#007a5a;--s3:#a3407c;--s4:#8a6500;--s5:#3b7ea1}\n"
        "@media(prefers-color-scheme:dark){:root{--ink:#e4e4e2;--soft:#a3a3a0;"
        "--rule:#4c4c4c;--grid:#343434;--paper:#191919;--box:#232323;--s0:#56b4e9;"
        "--s1:#f0803c;--s2:#2fc79b;--s3:#e08abf;--s4:#e6b422;--s5:#9cc9de}}\n"
        "*{box-sizing:border-box}\n"
        "html{-webkit-text-size-adjust:100%}\n"
        "body{margin:0 auto;padding:2.5rem 1.25rem 4rem;max-width:66rem;"
        "background:var(--paper);color:var(--ink);font:1.0625rem/1.5 Charter,"
        "'Bitstream Charter','Source Serif 4',Cambria,Georgia,serif}\n"
        "h1{font-size:1.9rem;line-height:1.2;margin:0 0 .3rem;overflow-wrap:anywhere}\n"
        "h2{font-size:1.3rem;margin:2.6rem 0 .7rem;padding-bottom:.2rem;"
        "border-bottom:1px solid var(--rule)}\n"
        "h3{font-size:1.05rem;margin:1.4rem 0 .3rem}\n"
        "p{margin:.6rem 0;max-width:46rem}\n"
        ".sub{color:var(--soft);margin-top:0}\n"
        "ul{max-width:46rem;padding-left:1.3rem}li{margin:.25rem 0}\n"
        "a{color:var(--s0)}\n";

static const char tables[] =
        ".wide{overflow-x:auto;margin:1rem 0 1.4rem}\n"
        "table{border-collapse:collapse;font-variant-numeric:tabular-nums "
        "lining-nums;border-top:2px solid var(--ink);border-bottom:2px solid "
        "var(--ink);min-width:min(100%,34rem)}\n"
        "caption{caption-side:top;text-align:left;padding-bottom:.5rem;"
        "max-width:min(46rem,calc(100vw - 2.5rem))}"
        "\n"
        "caption,figcaption,.foot{font-size:.92rem;color:var(--soft);line-height:1.4}\n"
        "caption b,figcaption b{color:var(--ink)}\n"
        "th,td{padding:.22rem .9rem;text-align:right;vertical-align:top}\n"
        "th:first-child,td:first-child{text-align:left;padding-left:.2rem}\n"
        "td.left,th.left{text-align:left}\n"
        "thead th{border-bottom:1px solid var(--ink);font-weight:600}\n"
        "tbody th{font-weight:400}\n"
        "tr.rule>*{border-top:1px solid var(--rule)}\n"
        "tr.main>*{font-weight:700}\n"
        ".sd{color:var(--soft)}\n"
        "code,pre,.hash{font-family:ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,"
        "monospace;font-size:.8rem}\n"
        ".hash{overflow-wrap:anywhere}\n"
        "pre{background:var(--box);padding:.8rem 1rem;line-height:1.45;"
        "white-space:pre-wrap;overflow-wrap:anywhere;border-left:3px solid "
        "var(--rule);margin:.8rem 0}\n";

static const char figures[] =
        "figure{margin:1.2rem 0 1.8rem}\n"
        "figcaption{margin-top:.5rem;max-width:46rem}\n"
        ".row{display:grid;gap:.8rem 1.4rem;grid-template-columns:repeat(auto-fit,"
        "minmax(min(18rem,100%),1fr))}\n"
        ".small{grid-template-columns:repeat(4,1fr);margin-bottom:.8rem}\n"
        ".row>div{min-width:0;max-width:34rem}\n"
        "details{margin:1.2rem 0 1.4rem}summary{cursor:pointer;color:var(--s0)}\n"
        ".pair{grid-template-columns:repeat(auto-fit,minmax(min(26rem,100%),1fr))}\n"
        ".strip{display:grid;grid-template-columns:3.6rem 1fr;align-items:center;"
        "margin-bottom:.15rem;font-size:.82rem;color:var(--soft)}\n"
        ".row span.name{display:block;font-size:.92rem;margin-bottom:.25rem}\n"
        "img{display:block;width:100%;height:auto;background:#fff}\n"
        "svg{display:block;width:100%;height:auto;overflow:visible}\n"
        "svg text{font:11px system-ui,'Helvetica Neue',Arial,sans-serif;"
        "fill:var(--ink)}\n"
        "svg .title{font-weight:600;font-size:12px}\n"
        "svg .tick{fill:var(--soft)}svg "
        ".note{fill:var(--soft);font-size:10px;paint-order:stroke;stroke:"
        "var(--paper);stroke-width:3px}\n"
        "path{fill:none;vector-effect:non-scaling-stroke}\n"
        ".grid{stroke:var(--grid)}.axis{stroke:var(--soft)}\n"
        ".mark{stroke:var(--soft);stroke-dasharray:2 3}\n"
        ".curve{stroke-width:1.7;stroke-linejoin:round}.whisker{stroke-width:1.5}\n"
        ".point,.band{stroke:none}.band{opacity:.2}\n"
        ".legend{font-size:.9rem;margin:.2rem 0 .5rem;display:flex;flex-wrap:wrap;"
        "gap:.1rem 1.2rem}\n"
        ".legend span{white-space:nowrap}\n"
        ".legend svg{display:inline-block;width:2.2rem;vertical-align:-.1rem}\n"
        "path.s1{stroke-dasharray:6 3}path.s2{stroke-dasharray:2 2.5}"
        "path.s3{stroke-dasharray:8 3 2 3}path.s4{stroke-dasharray:10 4}"
        "path.s5{stroke-dasharray:1 3}path.whisker,path.mean{stroke-dasharray:none}"
        ".mean{stroke-width:2}\n";

static const char print[] =
        "@media(max-width:34rem){body{padding:1.2rem .9rem 3rem;font-size:1rem}"
        "th,td{padding:.2rem "
        ".5rem}h1{font-size:1.5rem}.small{grid-template-columns:1fr 1fr}}\n"
        "@media print{:root{color-scheme:light;--ink:#000;--soft:#444;--rule:#999;"
        "--grid:#ddd;--paper:#fff;--box:#fff;--s0:#0072b2;--s1:#c04f00;--s2:#007a5a;"
        "--s3:#a3407c;--s4:#8a6500;--s5:#3b7ea1}"
        "body{max-width:none;padding:0;font-size:10pt}"
        "h2,h3{break-after:avoid}figure,table,pre,.row>div{break-inside:avoid}"
        ".hash{font-size:7.5pt}"
        ".wide{overflow:visible}pre{font-size:7.5pt}"
        ".row{grid-template-columns:repeat(auto-fit,minmax(5cm,1fr))}"
        ".small{grid-template-columns:repeat(4,1fr)}"
        "summary{list-style:none;color:var(--ink)}"
        "details::details-content{content-visibility:visible;height:auto}"
        "*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}\n"
        "@page{margin:18mm 16mm}\n";

void ftl_page_begin(FILE *file, const char *title) {
    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
          "<meta name=\"generator\" content=\"fairtl\"/>\n<title>",
            file);
    ftl_html_text(file, title);
    fputs("</title>\n<style>\n", file);
    fputs(base, file);
    fputs(tables, file);
    fputs(figures, file);
    for (int k = 0; k < 6; k++)
        fprintf(file,
                ".curve.s%d,.whisker.s%d,.mean.s%d{stroke:var(--s%d)}"
                ".point.s%d,.band.s%d{fill:var(--s%d)}\n",
                k, k, k, k, k, k, k);
    fputs(print, file);
    fputs("</style>\n</head>\n<body>\n", file);
}

void ftl_page_end(FILE *file) { fputs("</body>\n</html>\n", file); }
