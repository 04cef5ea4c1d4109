import { Fragment, type ReactNode } from 'react'

/** Texts in a row; none of them turns the direction of its neighbours. */
export function Joined({ texts, by = ', ' }: { readonly texts: readonly ReactNode[]; readonly by?: string }) {
  return texts.map((text, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: their order is all they are told apart by
    <Fragment key={index}>
      {index > 0 && by}
      <bdi>{text}</bdi>
    </Fragment>
  ))
}
