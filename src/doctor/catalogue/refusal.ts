import type { Entries } from './entry.ts';

export type RefusalCode =
  | 'unauthorized'
  | 'forbidden'
  | 'forbidden-by-network'
  | 'origin-refused'
  | 'origin-required'
  | 'too-many-requests'
  | 'server-error'
  | 'bad-gateway'
  | 'service-unavailable'
  | 'gateway-timeout'
  | 'network-origin-error';

/** What the answer tells: somebody on the way refuses, or has failed. */
export const REFUSAL: Entries<RefusalCode> = {
  unauthorized: {
    severity: 'fault',
    cause: {
      en: 'the server wants to know who connects ({status}, {scheme})',
      tr: 'sunucu kimin bağlandığını bilmek istiyor ({status}, {scheme})',
    },
    remedy: {
      en: 'browsers cannot send Authorization with a WebSocket: use a cookie, a token in the query or in the first message; check with --header "Authorization: …". A password rule of the proxy (auth_basic, AuthType) must leave this path out',
      tr: 'tarayıcılar WebSocket ile Authorization gönderemez: çerez, sorguda ya da ilk iletide belirteç kullanın; --header "Authorization: …" ile deneyin. Vekil sunucunun parola kuralı (auth_basic, AuthType) bu yolu dışarıda bırakmalı',
    },
  },
  forbidden: {
    severity: 'fault',
    cause: {
      en: '{server} forbids it (403: “{page}”), with and without an Origin of its own site',
      tr: '{server} yasaklıyor (403: “{page}”); kendi sitesinin Origin’i ile de, Origin’siz de',
    },
    remedy: {
      en: 'look for an access rule on this path (allow/deny, Require, a firewall module, a check in the application), by address, Host or cookie',
      tr: 'bu yoldaki erişim kuralına bakın (allow/deny, Require, güvenlik duvarı modülü, uygulamadaki bir denetim): adrese, Host’a ya da çereze göre',
    },
  },
  'forbidden-by-network': {
    severity: 'fault',
    cause: {
      en: '{server} in front of the server forbids it (403: “{page}”): a rule against bots or countries, or a check that only browsers pass',
      tr: 'sunucunun önündeki {server} yasaklıyor (403: “{page}”): botlara ya da ülkelere karşı bir kural veya yalnızca tarayıcıların geçtiği bir denetim',
    },
    remedy: {
      en: 'in its event log, find the rule that blocked this request, and let the WebSocket’s path through',
      tr: 'olay günlüğünde bu isteği engelleyen kuralı bulun ve WebSocket yoluna izin verin',
    },
  },
  'origin-refused': {
    severity: 'fault',
    cause: {
      en: 'pages of {origin} are refused ({status}: “{page}”), while the same request with {accepted} is let in',
      tr: '{origin} sayfaları reddediliyor ({status}: “{page}”), aynı istek {accepted} ile kabul ediliyor',
    },
    remedy: {
      en: 'add {origin} to the origins that the server accepts (origins: ["{origin}"] in usta), and let the proxy pass Host',
      tr: '{origin} adresini sunucunun kabul ettiği kökenlere ekleyin (usta’da origins: ["{origin}"]) ve vekil sunucu Host’u aktarsın',
    },
  },
  'origin-required': {
    severity: 'fault',
    cause: {
      en: 'clients without Origin (apps, mini programs, servers) are refused ({status}: “{page}”), pages of {accepted} are let in',
      tr: 'Origin göndermeyen istemciler (uygulamalar, mini programlar, sunucular) reddediliyor ({status}: “{page}”), {accepted} sayfaları kabul ediliyor',
    },
    remedy: {
      en: 'browsers connect; for other clients, let requests without Origin in, or have them send Origin: {accepted}',
      tr: 'tarayıcılar bağlanır; öteki istemciler için Origin’siz isteklere izin verin ya da Origin: {accepted} göndersinler',
    },
  },
  'too-many-requests': {
    severity: 'fault',
    cause: {
      en: '{server} says that too many connections or requests came from this address (429, retry after {after})',
      tr: '{server} bu adresten çok fazla bağlantı ya da istek geldiğini söylüyor (429, bekleme: {after})',
    },
    remedy: {
      en: 'wait, and let clients reconnect with growing pauses; raise the limit for this path (limit_req, limit_conn, rules of the network in front)',
      tr: 'bekleyin ve istemciler artan aralıklarla yeniden bağlansın; bu yol için sınırı yükseltin (limit_req, limit_conn, öndeki ağın kuralları)',
    },
  },
  'server-error': {
    severity: 'fault',
    cause: {
      en: 'the application fails while it opens the WebSocket ({status}: “{page}”)',
      tr: 'uygulama WebSocket’i açarken hata veriyor ({status}: “{page}”)',
    },
    remedy: {
      en: 'its log has the error for this moment (onWebSocketConnect in usta); 500 from nginx itself is mostly a rewrite loop or its error log says why',
      tr: 'bu ana ait hata uygulamanın günlüğünde (usta’da onWebSocketConnect); nginx’in kendi 500’ü çoğu kez rewrite döngüsüdür, nedeni hata günlüğünde',
    },
  },
  'bad-gateway': {
    severity: 'fault',
    cause: {
      en: '{server} cannot reach the worker behind it (502): it is not running, listens elsewhere, or expects TLS while the proxy speaks plain HTTP (TLS on both layers)',
      tr: '{server} arkasındaki worker’a ulaşamıyor (502): çalışmıyor, başka yerde dinliyor ya da vekil sunucu şifresiz konuşurken TLS bekliyor (TLS iki katmanda)',
    },
    remedy: {
      en: 'start the worker (usta status), compare its port with the proxy’s upstream, and turn TLS off in one of the two; then look into the proxy’s error log',
      tr: 'worker’ı başlatın (usta status), kapısını vekil sunucunun hedefiyle karşılaştırın ve TLS’i ikisinden birinde kapatın; sonra vekil sunucunun hata günlüğüne bakın',
    },
    inWordsOf: {
      nginx: {
        en: 'start the worker (usta status) on the port of proxy_pass. In nginx’s error log, “Connection refused” means that it is not running, “reset by peer” or “prematurely closed” that it expects TLS: no ssl in the worker then, “Permission denied” is SELinux (setsebool -P httpd_can_network_connect 1)',
        tr: 'worker’ı proxy_pass’teki kapıda başlatın (usta status). nginx hata günlüğünde “Connection refused” çalışmadığını, “reset by peer” veya “prematurely closed” TLS beklediğini (o zaman worker’da ssl olmasın), “Permission denied” SELinux’u (setsebool -P httpd_can_network_connect 1) gösterir',
      },
      apache: {
        en: 'start the worker (usta status) on the port of ProxyPass; in Apache’s error log, AH01114 or AH00957 mean that it is not running, AH01102 or AH00898 “error reading” that it expects TLS (no ssl in the worker then) or hangs',
        tr: 'worker’ı ProxyPass’teki kapıda başlatın (usta status); Apache hata günlüğünde AH01114 veya AH00957 çalışmadığını, AH01102 veya AH00898 “error reading” TLS beklediğini (o zaman worker’da ssl olmasın) ya da takıldığını gösterir',
      },
    },
  },
  'service-unavailable': {
    severity: 'fault',
    cause: {
      en: '{server} has nobody to give the connection to (503: “{page}”): the workers are down, draining or full',
      tr: '{server} bağlantıyı verecek kimse bulamıyor (503: “{page}”): worker’lar kapalı, boşalıyor ya da dolu',
    },
    remedy: {
      en: 'start the worker (usta status) on the port that the proxy expects; a maintenance page or a limit of connections answers the same',
      tr: 'worker’ı vekil sunucunun beklediği kapıda başlatın (usta status); bakım sayfası ya da bağlantı sınırı da aynı yanıtı verir',
    },
    inWordsOf: {
      apache: {
        en: 'Apache could not reach the worker (AH01114, AH00957 in its error log): start it (usta status) on the port of ProxyPass; Apache then waits 60 s before it tries again, unless retry=0',
        tr: 'Apache worker’a ulaşamadı (hata günlüğünde AH01114, AH00957): worker’ı ProxyPass’teki kapıda başlatın (usta status); retry=0 yoksa Apache yeniden denemeden önce 60 sn bekler',
      },
      haproxy: {
        en: 'all servers of the backend are down for HAProxy: start the worker (usta status), and look at its check (show servers state): a health check that the worker does not answer takes it out',
        tr: 'HAProxy için backend’in tüm sunucuları kapalı: worker’ı başlatın (usta status) ve denetimine bakın (show servers state): worker’ın yanıtlamadığı sağlık denetimi onu devre dışı bırakır',
      },
    },
  },
  'gateway-timeout': {
    severity: 'fault',
    cause: {
      en: '{server} reached no answer of the worker in its time (504): the worker hangs, or a firewall stands between the two',
      tr: '{server} süresi içinde worker’dan yanıt alamadı (504): worker takılmış ya da ikisinin arasında güvenlik duvarı var',
    },
    remedy: {
      en: 'look whether the worker is blocked (usta status shows busy), and whether the proxy reaches its address and port (curl from the proxy’s machine)',
      tr: 'worker takılı mı (usta status) ve vekil sunucu onun adresine ve kapısına ulaşıyor mu (vekil sunucunun makinesinden curl) bakın',
    },
  },
  'network-origin-error': {
    severity: 'fault',
    cause: {
      en: '{server} cannot talk to your server ({status}: {meaning})',
      tr: '{server} sunucunuzla konuşamıyor ({status}: {meaning})',
    },
    remedy: {
      en: 'examine your server itself, past {server}: usta doctor with --address and the server’s own IP address',
      tr: '{server} olmadan doğrudan sunucunuzu inceleyin: usta doctor’a --address ile sunucunun kendi IP adresini verin',
    },
  },
};
