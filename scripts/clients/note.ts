export const generatedNote = 'Written by `npm run clients` from packages/contract. Do not edit.'
