import { readFileSync } from 'node:fs'
import { makeBrandStyles } from '../brand/brand-styles.ts'

/** Of the lobby, its end pages and the arrival page. */
export const lobbyStyle = `
main{padding:0;overflow:hidden}
.hero{padding:2rem 1.5rem 1.5rem;background:linear-gradient(var(--glow),transparent)}
.hero h1{font-size:1.75rem;line-height:1.25;overflow-wrap:anywhere}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(14rem,1fr));gap:1rem;padding:0 1.5rem}
.tile{padding:1rem 1.25rem;border:1px solid var(--line);border-radius:12px;background:var(--paper)}
.tile p{margin:0;color:var(--soft)}.tile .large{color:var(--ink);font-size:1.5rem;font-weight:600;overflow-wrap:anywhere}
.clock{font-variant-numeric:tabular-nums}
section{padding:0 1.5rem}h2{font-size:1rem}
table{width:100%;border-collapse:collapse}td,th{padding:.5rem 0;border-bottom:1px solid var(--line);text-align:start;font-weight:400;vertical-align:top}
th{color:var(--soft);padding-inline-end:1.25rem;width:38%;overflow-wrap:anywhere}td{overflow-wrap:anywhere}td span{display:block}
.warn{margin:0 1.5rem 1rem;padding:.75rem 1rem;border-radius:8px;background:var(--warn-ground);color:var(--warn)}
.foot{display:flex;flex-wrap:wrap;gap:.75rem;margin:0;padding:1.5rem}
.end{padding:3.5rem 1.5rem;text-align:center}.end h1,.end p{max-width:32rem;margin-inline:auto;text-wrap:balance}.end h1{margin-top:1rem}.end h1:focus{outline:0}
.mark{width:4rem;height:4rem;border-radius:50%;background:var(--glow);color:var(--accent);display:inline-grid;place-items:center}
.mark svg{width:2rem;height:2rem}[dir=rtl] .mark svg{transform:scaleX(-1)}
.end .foot{padding-inline:0;max-width:none}
.foot .help{border-color:transparent;padding:.7rem 1rem}.end .foot{justify-content:center}.foot [hidden],.foot:not(:has(:not([hidden]))){display:none}
@media(max-width:48rem){.foot{flex-direction:column}.foot .button{text-align:center}}`

const script = readFileSync(new URL('lobby-script.js', import.meta.url), 'utf8')

export const lobbyStyles = makeBrandStyles({ style: lobbyStyle, script, canPost: true })
