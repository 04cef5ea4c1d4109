export type Enablement = 'enabled' | 'disabled'
