/** The server did not do what the load asked of it; the measurement is worth nothing. */
export class LoadFailure extends Error {
  override readonly name = 'LoadFailure';
}
