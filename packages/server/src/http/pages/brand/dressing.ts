import { type BrandColors, drawnColors } from '../../../core/brands/brand-colors.ts'
import type { BrandRecord } from '../../../store/store.ts'
import { type Html, html, makePageStyles, type PageStyles } from '../page.ts'
import { brandLogoPath } from './brand-logo.ts'

/** What a brand adds to a page: its styles in place of the plain ones, a band on top, and an icon. */
export interface Dressing {
  readonly styles: PageStyles
  readonly header: Html
  readonly icon: string | undefined
}

/** Dresses one page, whose plain styles are `makePageStyles(page)`, in any brand. What is made for a brand is made once. */
export function makeDressing(page: Parameters<typeof makePageStyles>[0]): (brand: BrandRecord | null) => Dressing {
  const plain: Dressing = { styles: makePageStyles(page), header: html``, icon: undefined }
  const dressings = new WeakMap<BrandRecord, Dressing>()
  return (brand) => {
    if (brand === null) return plain
    const known = dressings.get(brand)
    if (known !== undefined) return known
    const style = (page?.style ?? '') + brandStyle + colorStyle(drawnColors(brand))
    const styles = makePageStyles({ ...page, style, hasImages: brand.logo !== null })
    const icon = brand.logo === null ? undefined : brandLogoPath(brand.logo.sha256)
    const dressing = { styles, header: headerOf(brand), icon }
    dressings.set(brand, dressing)
    return dressing
  }
}

const brandStyle = `
.brand{padding:.75rem 1.5rem;background:var(--band,var(--paper));color:var(--band-ink,var(--ink));border-bottom:1px solid var(--band,var(--line))}
.brand div{max-width:46rem;margin:0 auto;display:flex;align-items:center;gap:.75rem;font-size:1.1rem;font-weight:600;line-height:1.25}
.brand img{display:block;max-height:2.5rem;max-width:60%;width:auto;height:auto;object-fit:contain}.brand span{min-width:0;overflow-wrap:anywhere}
@media(max-width:48rem){.brand{padding-inline:1rem}main{min-height:calc(100vh - 4rem)}}`

function colorStyle({ button, header, link, tint }: BrandColors): string {
  const fills = [
    ...(header === null ? [] : [`--band:${header.ground};--band-ink:${header.ink}`]),
    ...(button === null ? [] : [`--button:${button.ground};--button-ink:${button.ink}`]),
  ]
  const light = link === null || tint === null ? [] : [`--accent:${link.light};--glow:${tint.light}`]
  const dark = link === null || tint === null ? '' : `@media(prefers-color-scheme:dark){:root{--accent:${link.dark};--glow:${tint.dark}}}`
  return `\n:root{${[...fills, ...light].join(';')}}${dark}`
}

/** The logo is an ornament of the title beside it. */
function headerOf({ title, logo }: BrandRecord): Html {
  if (title === null && logo === null) return html``
  const name = title === null ? html`` : html`<span><bdi>${title}</bdi></span>`
  if (logo === null) return html`<header class="brand"><div>${name}</div></header>`
  const { width, height, sha256 } = logo
  return html`<header class="brand"><div><img src="${brandLogoPath(sha256)}" width="${width}" height="${height}" alt="">${name}</div></header>`
}
