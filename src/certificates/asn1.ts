import { createRequire } from 'node:module';
import type * as Schema from '@peculiar/asn1-schema';
import type * as X509 from '@peculiar/asn1-x509';

const load = createRequire(import.meta.url);

/** Reading and writing ASN.1 in DER. */
export const schema: typeof Schema = onUse('@peculiar/asn1-schema');
/** The types of RFC 5280. */
export const x509: typeof X509 = onUse('@peculiar/asn1-x509');

/** Most processes never look into a certificate: the library costs them a quarter of their start. */
function onUse<Library extends object>(name: string): Library {
  let library: Library | undefined;
  return new Proxy({} as Library, {
    get(_, key) {
      library ??= load(name) as Library;
      return Reflect.get(library, key);
    },
  });
}
