import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { colorAdjustments, contrast, drawnColors, paperColors } from '../../../src/core/brands/brand-colors.ts'

const anyColor = fc.integer({ min: 0, max: 0xffffff }).map((value) => `#${value.toString(16).padStart(6, '0')}`)

test('contrast is as WCAG 2.2 has it', () => {
  assert.equal(contrast('#000000', '#ffffff'), 21)
  assert.equal(contrast('#777777', '#ffffff').toFixed(2), '4.48')
  assert.equal(contrast('#ffffff', '#767676').toFixed(2), '4.54')
})

test('whatever colours are named, what is written in and on them can be read by WCAG AA, and icons on the tint', () => {
  fc.assert(
    fc.property(anyColor, anyColor, (accentColor, headerColor) => {
      const { button, header, link, tint } = drawnColors({ accentColor, headerColor })
      assert.ok(button !== null && header !== null && link !== null && tint !== null)
      for (const { ground, ink } of [button, header]) assert.ok(contrast(ground, ink) >= 4.5)
      for (const scheme of ['light', 'dark'] as const) {
        assert.ok(contrast(link[scheme], paperColors[scheme]) >= 4.5)
        assert.ok(contrast(link[scheme], tint[scheme]) >= 3)
      }
      assert.deepEqual([button.ground, header.ground], [accentColor, headerColor])
    }),
    { numRuns: 2_000 },
  )
})

test('a colour that can be read is drawn as it is; of one that cannot, it is said what is drawn instead', () => {
  assert.deepEqual(colorAdjustments(null), [])
  const [light, dark, ...more] = colorAdjustments('#ffe066')
  assert.match(
    light ?? '',
    /^Links on light pages are drawn in #[0-9a-f]{6}: #ffe066 has a contrast of 1\.3:1 there, and WCAG AA asks for 4\.5:1$/,
  )
  assert.deepEqual([dark, more], [undefined, []])
  assert.match(colorAdjustments('#0b5cad')[0] ?? '', /^Links on dark pages/)
})
