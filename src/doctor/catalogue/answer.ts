import type { Entries } from './entry.ts';

export type AnswerCode =
  | 'tls-on-ws-port'
  | 'tls-on-both-layers'
  | 'redirect-to-tls'
  | 'redirect-trailing-slash'
  | 'redirect'
  | 'ordinary-page'
  | 'upgrade-not-passed'
  | 'bad-request'
  | 'path-not-found'
  | 'method-not-allowed'
  | 'websocket-only'
  | 'unexpected-status'
  | 'not-http'
  | 'answer-endless'
  | 'no-answer'
  | 'closed-without-answer';

/** What the answer to the handshake tells: the way to the WebSocket server is not as it must be. */
export const ANSWER: Entries<AnswerCode> = {
  'tls-on-ws-port': {
    severity: 'fault',
    cause: {
      en: 'port {port} speaks TLS and the URL says {scheme}:// : an unencrypted client gets {answer}',
      tr: '{port} kapısı TLS konuşuyor, URL ise {scheme}:// diyor: şifresiz istemcinin aldığı yanıt: {answer}',
    },
    remedy: { en: 'use {secure}://{authority}', tr: '{secure}://{authority} kullanın' },
  },
  'tls-on-both-layers': {
    severity: 'fault',
    cause: {
      en: 'TLS is on both layers: the proxy speaks plain HTTP to a worker that expects TLS',
      tr: 'TLS iki katmanda da açık: vekil sunucu, TLS bekleyen worker ile şifresiz HTTP konuşuyor',
    },
    remedy: {
      en: 'turn TLS off in the worker (no ssl, no transport = "ssl") and let the proxy do it; or pass on with https:// (proxy_pass https://… in nginx)',
      tr: 'worker’da TLS’i kapatın (ssl ve transport = "ssl" olmasın), TLS’i vekil sunucu yapsın; ya da https:// ile aktarın (nginx’te proxy_pass https://…)',
    },
    inWordsOf: {
      apache: {
        en: 'turn TLS off in the worker (no ssl, no transport = "ssl"), or write ProxyPass … https://… with SSLProxyEngine on',
        tr: 'worker’da TLS’i kapatın (ssl ve transport = "ssl" olmasın) ya da ProxyPass … https://… ve SSLProxyEngine on yazın',
      },
      haproxy: {
        en: 'turn TLS off in the worker (no ssl, no transport = "ssl"), or add ssl to its server line',
        tr: 'worker’da TLS’i kapatın (ssl ve transport = "ssl" olmasın) ya da server satırına ssl ekleyin',
      },
    },
  },
  'redirect-to-tls': {
    severity: 'fault',
    cause: {
      en: 'port {port} only redirects ({status}) to {location}: WebSocket clients do not follow redirects',
      tr: '{port} kapısı yalnızca {location} adresine yönlendiriyor ({status}): WebSocket istemcileri yönlendirmeyi izlemez',
    },
    remedy: { en: 'use {secure}://{suggestion}', tr: '{secure}://{suggestion} kullanın' },
  },
  'redirect-trailing-slash': {
    severity: 'fault',
    cause: {
      en: 'the server redirects ({status}) to the same path with a slash at its end: WebSocket clients do not follow redirects',
      tr: 'sunucu sonunda eğik çizgi olan aynı yola yönlendiriyor ({status}): WebSocket istemcileri yönlendirmeyi izlemez',
    },
    remedy: {
      en: 'write the slash into the URL of the client ({location}), or name the path without it in the server: location = {path} in nginx',
      tr: 'istemcinin URL’ine eğik çizgiyi yazın ({location}) ya da sunucuda yolu onsuz verin: nginx’te location = {path}',
    },
  },
  redirect: {
    severity: 'fault',
    cause: {
      en: 'the server redirects ({status}) to {location} instead of opening a WebSocket: clients do not follow',
      tr: 'sunucu WebSocket açmak yerine {location} adresine yönlendiriyor ({status}): istemciler izlemez',
    },
    remedy: {
      en: 'connect to the final address if it is yours; else take the WebSocket’s path out of the redirect rule (www, https, login page, maintenance)',
      tr: 'son adres sizinse doğrudan ona bağlanın; değilse WebSocket yolunu yönlendirme kuralının (www, https, giriş sayfası, bakım) dışında bırakın',
    },
  },
  'ordinary-page': {
    severity: 'fault',
    cause: {
      en: '{server} answers {status} with an ordinary page (“{page}”) instead of 101: the path {path} does not lead to the WebSocket server',
      tr: '{server} 101 yerine sıradan bir sayfayla ({status}, “{page}”) yanıt veriyor: {path} yolu WebSocket sunucusuna gitmiyor',
    },
    remedy: {
      en: 'check the path in the URL; in the proxy, give this path to the worker and pass Upgrade and Connection (usta proxy prints it)',
      tr: 'URL’deki yolu denetleyin; vekil sunucuda bu yolu worker’a verin ve Upgrade ile Connection başlıklarını aktarın (usta proxy yazar)',
    },
    inWordsOf: {
      nginx: {
        en: 'nginx has no location for {path}, or another one wins: location = {path} { proxy_pass http://127.0.0.1:8282; … } in the right server block (usta proxy nginx prints it)',
        tr: 'nginx’te {path} için location yok ya da başkası öne geçiyor: doğru server bloğunda location = {path} { proxy_pass http://127.0.0.1:8282; … } (usta proxy nginx yazar)',
      },
      apache: {
        en: 'Apache has no ProxyPass for {path}, or a broader one stands before it: ProxyPass {path} http://127.0.0.1:8282{path} upgrade=websocket (usta proxy apache prints it)',
        tr: 'Apache’de {path} için ProxyPass yok ya da ondan önce daha genişi var: ProxyPass {path} http://127.0.0.1:8282{path} upgrade=websocket (usta proxy apache yazar)',
      },
      cdn: {
        en: '{server} answers in place of your server: turn WebSockets on there and exclude this path from caching and page rules',
        tr: '{server} sunucunuzun yerine yanıt veriyor: orada WebSocket’i açın ve bu yolu önbellek ve sayfa kurallarının dışında tutun',
      },
    },
  },
  'upgrade-not-passed': {
    severity: 'fault',
    cause: {
      en: 'the WebSocket server was reached but did not see the wish for a WebSocket ({status}: “{page}”): something in front ({server}) does not pass on Upgrade and Connection',
      tr: 'WebSocket sunucusuna ulaşıldı, ama WebSocket isteğini görmedi ({status}: “{page}”): öndeki bir sunucu ({server}) Upgrade ve Connection başlıklarını aktarmıyor',
    },
    remedy: {
      en: 'let the proxy pass both headers with HTTP/1.1 (usta proxy prints the configuration)',
      tr: 'vekil sunucu iki başlığı da HTTP/1.1 ile aktarsın (yapılandırmayı usta proxy yazar)',
    },
    inWordsOf: {
      nginx: {
        en: 'in the location: proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade"; then nginx -s reload (usta proxy nginx prints all of it)',
        tr: 'location içine: proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade"; sonra nginx -s reload (tamamını usta proxy nginx yazar)',
      },
      apache: {
        en: 'write ProxyPass {path} http://127.0.0.1:8282{path} upgrade=websocket (Apache 2.4.47 or newer), or load mod_proxy_wstunnel and use ws:// there (usta proxy apache prints it)',
        tr: 'ProxyPass {path} http://127.0.0.1:8282{path} upgrade=websocket yazın (Apache 2.4.47 ve sonrası) ya da mod_proxy_wstunnel yükleyip orada ws:// kullanın (usta proxy apache yazar)',
      },
      haproxy: {
        en: 'HAProxy passes them by itself: look for http-request del-header Upgrade or option httpclose / forceclose, and for a second proxy behind it',
        tr: 'HAProxy bunları kendiliğinden aktarır: http-request del-header Upgrade ya da option httpclose / forceclose arayın; arkasında ikinci bir vekil sunucu olabilir',
      },
      caddy: {
        en: 'Caddy’s reverse_proxy passes them by itself: look for header_up -Upgrade or header_up Connection, and for a second proxy behind it',
        tr: 'Caddy’nin reverse_proxy’si bunları kendiliğinden aktarır: header_up -Upgrade veya header_up Connection arayın; arkasında ikinci bir vekil sunucu olabilir',
      },
      cdn: {
        en: 'turn WebSockets on at {server} (Cloudflare: Network, WebSockets; CloudFront: forward all viewer headers), then check the proxy behind it',
        tr: '{server} tarafında WebSocket’i açın (Cloudflare: Network, WebSockets; CloudFront: tüm viewer başlıklarını aktarın), sonra arkasındaki vekil sunucuya bakın',
      },
    },
  },
  'bad-request': {
    severity: 'fault',
    cause: {
      en: '{server} finds the request itself wrong (400: “{page}”)',
      tr: '{server} isteğin kendisini yanlış buluyor (400: “{page}”)',
    },
    remedy: {
      en: 'check path, query and Host: a proxy must pass Host and HTTP/1.1; large cookies also end in 400',
      tr: 'yolu, sorguyu ve Host’u denetleyin: vekil sunucu Host’u ve HTTP/1.1’i aktarmalı; büyük çerezler de 400 ile biter',
    },
  },
  'path-not-found': {
    severity: 'fault',
    cause: {
      en: '{server} knows no path {path} ({status}: “{page}”)',
      tr: '{server} {path} yolunu bilmiyor ({status}: “{page}”)',
    },
    remedy: {
      en: 'check the path in the URL, letter by letter and the slash at its end; in a proxy, check that the path is given to the worker and not cut on the way',
      tr: 'URL’deki yolu harf harf ve sondaki eğik çizgiyle denetleyin; vekil sunucuda yolun worker’a verildiğini ve yolda kesilmediğini denetleyin',
    },
    inWordsOf: {
      nginx: {
        en: 'check location: location = /wss matches /wss only, and a slash at the end of proxy_pass cuts the prefix off; the server block must be the one of this name and port',
        tr: 'location’ı denetleyin: location = /wss yalnızca /wss ile eşleşir, proxy_pass sonundaki eğik çizgi öneki keser; server bloğu bu adın ve kapının bloğu olmalı',
      },
      apache: {
        en: 'check ProxyPass: its path must be {path}, more special ones first; with mod_proxy_wstunnel a request that lost its Upgrade header is answered 404 too',
        tr: 'ProxyPass’i denetleyin: yolu {path} olmalı, daha özel olanlar önce; mod_proxy_wstunnel ile Upgrade başlığını yitiren istek de 404 alır',
      },
    },
  },
  'method-not-allowed': {
    severity: 'fault',
    cause: {
      en: '{server} does not allow GET on {path} (405), and every WebSocket begins with GET',
      tr: '{server} {path} üzerinde GET’e izin vermiyor (405); oysa her WebSocket GET ile başlar',
    },
    remedy: {
      en: 'the path belongs to something else (a form, an API): check it; a rule of methods (limit_except, Limit) must let GET pass',
      tr: 'yol başka bir şeye (form, API) ait: denetleyin; yöntem kuralları (limit_except, Limit) GET’e izin vermeli',
    },
  },
  'websocket-only': {
    severity: 'warning',
    cause: {
      en: 'this address speaks WebSocket and has no pages ({status})',
      tr: 'bu adres WebSocket konuşuyor, sayfa sunmuyor ({status})',
    },
    remedy: { en: 'examine it as {socket}://{authority}', tr: '{socket}://{authority} olarak inceleyin' },
  },
  'unexpected-status': {
    severity: 'fault',
    cause: {
      en: '{server} answers {status} {reason} instead of 101 (“{page}”)',
      tr: '{server} 101 yerine {status} {reason} yanıtı veriyor (“{page}”)',
    },
    remedy: {
      en: 'find out who answers this status: the proxy or the application (their access logs), and what it means there',
      tr: 'bu durum kodunu kimin verdiğini (vekil sunucu mu uygulama mı; erişim günlükleri) ve orada ne anlama geldiğini bulun',
    },
  },
  'not-http': {
    severity: 'fault',
    cause: {
      en: 'the answer on port {port} is not HTTP as it must be ({reason}): “{banner}”',
      tr: '{port} kapısındaki yanıt olması gerektiği gibi HTTP değil ({reason}): “{banner}”',
    },
    remedy: {
      en: 'the port belongs to another service, or the server writes broken headers: check the port, then the program that answers',
      tr: 'kapı başka bir hizmetin ya da sunucu bozuk başlık yazıyor: önce kapıyı, sonra yanıt veren programı denetleyin',
    },
  },
  'answer-endless': {
    severity: 'fault',
    cause: {
      en: 'the head of the answer does not end within {kilobytes} KiB',
      tr: 'yanıtın başlıkları {kilobytes} KiB içinde bitmiyor',
    },
    remedy: {
      en: 'the server sends too many or too large headers (often Set-Cookie): clients refuse such an answer',
      tr: 'sunucu çok sayıda ya da çok büyük başlık gönderiyor (çoğu kez Set-Cookie): istemciler böyle bir yanıtı reddeder',
    },
  },
  'no-answer': {
    severity: 'fault',
    cause: {
      en: 'the server took the request and did not answer it within {seconds} s ({bytes} bytes came)',
      tr: 'sunucu isteği aldı ve {seconds} saniyede yanıtlamadı ({bytes} bayt geldi)',
    },
    remedy: {
      en: 'the program behind the port is blocked, overloaded or waits for something (database, authentication): look at usta status; a raw TCP service never answers HTTP',
      tr: 'kapının arkasındaki program takılmış, aşırı yüklü ya da bir şey bekliyor (veritabanı, kimlik denetimi): usta status’a bakın; ham TCP hizmeti HTTP’ye hiç yanıt vermez',
    },
  },
  'closed-without-answer': {
    severity: 'fault',
    cause: {
      en: 'the server closes the connection after the request, without an answer ({how})',
      tr: 'sunucu istekten sonra yanıt vermeden bağlantıyı kapatıyor ({how})',
    },
    remedy: {
      en: 'the program crashed or refused without a word: read its log; a firewall that inspects traffic, or a service that expects the PROXY protocol, does the same',
      tr: 'program çöktü ya da tek söz etmeden reddetti: günlüğünü okuyun; trafiği denetleyen bir güvenlik duvarı ya da PROXY protokolü bekleyen bir hizmet de aynısını yapar',
    },
  },
};
