import { type BrandColors, drawnColors } from '../../../core/brands/brand-colors.ts'
import type { BrandRecord } from '../../../store/store.ts'
import { type Html, html, makePageStyles, type PageStyles } from '../page.ts'
import { brandLogoPath } from './brand-logo.ts'

/** What a brand adds to a page: its styles in place of the default ones, a header, and an icon. */
export interface BrandStyles {
  readonly styles: PageStyles
  readonly header: Html
  /** Undefined for the default one. */
  readonly icon: string | undefined
}

/** Applies any brand to a page whose default styles are `makePageStyles(page)`. Computed once per brand. */
export function makeBrandStyles(page: Parameters<typeof makePageStyles>[0]): (brand: BrandRecord | null) => BrandStyles {
  const plain: BrandStyles = { styles: makePageStyles(page), header: html``, icon: undefined }
  const byBrand = new WeakMap<BrandRecord, BrandStyles>()
  return (brand) => {
    if (brand === null) return plain
    const known = byBrand.get(brand)
    if (known !== undefined) return known
    const style = (page?.style ?? '') + brandStyle + colorStyle(drawnColors(brand))
    const styles = makePageStyles({ ...page, style, hasImages: brand.logo !== null })
    // Nobody's, where the brand has no logo.
    const icon = brand.logo === null ? 'data:,' : brandLogoPath(brand.logo.sha256)
    const brandStyles = { styles, header: headerOf(brand), icon }
    byBrand.set(brand, brandStyles)
    return brandStyles
  }
}

const brandStyle = `
.brand{padding:.75rem 1.5rem;background:var(--band,var(--paper));color:var(--band-ink,var(--ink));border-bottom:1px solid var(--band,var(--line))}
.brand div{max-width:46rem;margin:0 auto;display:flex;flex-wrap:wrap;align-items:center;gap:.5rem .75rem;font-size:1.1rem;font-weight:600;line-height:1.25}
.brand img{display:block;min-height:1.75rem;max-height:2.5rem;max-width:60%;width:auto;height:auto;object-fit:contain}.brand span{flex:1 1 10rem;min-width:0;overflow:hidden;overflow-wrap:anywhere;display:-webkit-box;-webkit-box-orient:vertical;-webkit-line-clamp:3}
@media(max-width:48rem){body{display:flex;flex-direction:column;min-height:100vh}main{flex:1 0 auto;min-height:0}}`

function colorStyle({ button, header, link, tint }: BrandColors): string {
  const fills = [
    ...(header === null ? [] : [`--band:${header.ground};--band-ink:${header.ink}`]),
    ...(button === null ? [] : [`--button:${button.ground};--button-ink:${button.ink}`]),
  ]
  const light = link === null || tint === null ? [] : [`--accent:${link.light};--glow:${tint.light}`]
  const dark = link === null || tint === null ? '' : `@media(prefers-color-scheme:dark){:root{--accent:${link.dark};--glow:${tint.dark}}}`
  return `\n:root{${[...fills, ...light].join(';')}}${dark}`
}

/** The logo is decorative, beside the title. */
function headerOf({ title, logo }: BrandRecord): Html {
  if (title === null && logo === null) return html``
  const name = title === null ? html`` : html`<span><bdi>${title}</bdi></span>`
  if (logo === null) return html`<header class="brand"><div>${name}</div></header>`
  const { width, height, sha256 } = logo
  return html`<header class="brand"><div><img src="${brandLogoPath(sha256)}" width="${width}" height="${height}" alt="">${name}</div></header>`
}
