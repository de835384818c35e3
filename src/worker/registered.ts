/**
 * The protocols that you have registered, by scheme. Yours to extend, so that their types are known:
 * `declare module 'usta' { interface Protocols { moves: typeof moves } }`.
 */
// biome-ignore lint/suspicious/noEmptyInterface: users extend it
export interface Protocols {}
