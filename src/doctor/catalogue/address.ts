import type { Entries } from './entry.ts';

export type AddressCode =
  | 'mixed-content'
  | 'plain-websocket'
  | 'wechat-plain'
  | 'wechat-address'
  | 'wechat-port'
  | 'name-unknown'
  | 'name-without-address'
  | 'name-no-answer';

/** What the URL itself and its name tell, before anything is connected. */
export const ADDRESS: Entries<AddressCode> = {
  'mixed-content': {
    severity: 'fault',
    cause: {
      en: 'the page {page} is secure, and from a secure page browsers do not open ws:// (mixed content)',
      tr: '{page} sayfası güvenli; tarayıcılar güvenli bir sayfadan ws:// açmaz (karışık içerik)',
    },
    remedy: {
      en: 'serve the WebSocket over TLS and connect to wss://{host}',
      tr: 'WebSocket’i TLS ile sunun ve wss://{host} adresine bağlanın',
    },
  },
  'plain-websocket': {
    severity: 'warning',
    cause: {
      en: 'ws:// is not encrypted: pages served over https cannot open it, and proxies on the way may break it',
      tr: 'ws:// şifresizdir: https ile sunulan sayfalar onu açamaz, yoldaki vekil sunucular da bozabilir',
    },
    remedy: {
      en: 'serve it over TLS as wss://: with usta proxy, or with a certificate in the worker',
      tr: 'wss:// olarak TLS ile sunun: usta proxy ile ya da worker’a bir sertifika vererek',
    },
  },
  'wechat-plain': {
    severity: 'fault',
    cause: {
      en: 'mini programs of WeChat connect to wss:// only, and this is {scheme}://',
      tr: 'WeChat mini programları yalnızca wss:// adresine bağlanır, bu ise {scheme}://',
    },
    remedy: {
      en: 'serve it over TLS on port 443 and connect to wss://{host}',
      tr: '443 kapısında TLS ile sunun ve wss://{host} adresine bağlanın',
    },
  },
  'wechat-address': {
    severity: 'fault',
    cause: {
      en: 'mini programs of WeChat connect to names only, and {host} is an IP address',
      tr: 'WeChat mini programları yalnızca alan adlarına bağlanır, {host} ise bir IP adresi',
    },
    remedy: {
      en: 'use a domain name with a certificate of a public authority, and register it as socket domain in the console of WeChat',
      tr: 'kamuya açık bir otoriteden sertifikası olan bir alan adı kullanın ve WeChat konsoluna socket alan adı olarak ekleyin',
    },
  },
  'wechat-port': {
    severity: 'fault',
    cause: {
      en: 'mini programs of WeChat are registered for wss:// on port 443, and this is port {port}',
      tr: 'WeChat mini programları 443 kapısındaki wss:// için kaydedilir, bu ise {port} kapısı',
    },
    remedy: {
      en: 'serve it on port 443 (usta proxy prints the configuration) and leave the port out of the URL',
      tr: '443 kapısında sunun (yapılandırmayı usta proxy yazar) ve URL’de kapı numarası vermeyin',
    },
  },
  'name-unknown': {
    severity: 'fault',
    cause: {
      en: 'there is no host {host}: DNS does not know the name',
      tr: '{host} diye bir ad yok: DNS bu adı bilmiyor',
    },
    remedy: {
      en: 'check the spelling; make an A (or AAAA) record for it at your DNS provider, and give it time to spread',
      tr: 'yazımını denetleyin; DNS sağlayıcınızda bu ad için bir A (veya AAAA) kaydı açın ve yayılmasını bekleyin',
    },
  },
  'name-without-address': {
    severity: 'fault',
    cause: {
      en: 'the name {host} exists and has neither an A nor an AAAA record',
      tr: '{host} adı var, ama ne A ne AAAA kaydı var',
    },
    remedy: {
      en: 'make an A record with the IPv4 address of the server (AAAA for IPv6) at your DNS provider',
      tr: 'DNS sağlayıcınızda sunucunun IPv4 adresiyle bir A kaydı (IPv6 için AAAA) açın',
    },
  },
  'name-no-answer': {
    severity: 'fault',
    cause: {
      en: 'no name server answers for {host} ({reason}): the name may exist, but nobody says so',
      tr: '{host} için hiçbir ad sunucusu yanıt vermiyor ({reason}): ad var olabilir, ama söyleyen yok',
    },
    remedy: {
      en: 'check the network and the name servers of this machine (/etc/resolv.conf); if others fail too, the name servers of the domain are down or its DNSSEC is broken',
      tr: 'bu makinenin ağını ve ad sunucularını (/etc/resolv.conf) denetleyin; başkalarında da olmuyorsa alan adının ad sunucuları kapalı ya da DNSSEC’i bozuk',
    },
  },
};
