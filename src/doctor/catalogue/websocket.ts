import type { Entries } from './entry.ts';

export type WebSocketCode =
  | 'upgrade-fields-missing'
  | 'accept-key-wrong'
  | 'subprotocol-unoffered'
  | 'subprotocol-missing'
  | 'extension-unoffered'
  | 'closed-at-once'
  | 'frames-broken'
  | 'too-much-data'
  | 'ping-unanswered'
  | 'message-too-big'
  | 'large-message-cut'
  | 'idle-cut'
  | 'idle-closed';

/** What the 101 and the frames after it tell. */
export const WEBSOCKET: Entries<WebSocketCode> = {
  'upgrade-fields-missing': {
    severity: 'fault',
    cause: {
      en: 'the server answers 101 without the headers Upgrade: websocket and Connection: Upgrade ({detail})',
      tr: 'sunucu 101 yanıtını Upgrade: websocket ve Connection: Upgrade başlıkları olmadan veriyor ({detail})',
    },
    remedy: {
      en: 'a proxy takes them out of the answer (proxy_hide_header, Header unset), or the server is not a WebSocket server',
      tr: 'bir vekil sunucu onları yanıttan çıkarıyor (proxy_hide_header, Header unset) ya da sunucu bir WebSocket sunucusu değil',
    },
  },
  'accept-key-wrong': {
    severity: 'fault',
    cause: {
      en: 'Sec-WebSocket-Accept does not answer our key: the 101 is not for this request ({detail})',
      tr: 'Sec-WebSocket-Accept anahtarımıza yanıt değil: bu 101 bizim isteğimizin yanıtı değil ({detail})',
    },
    remedy: {
      en: 'a cache or a fixed header in a proxy answers instead of the server: take add_header Sec-WebSocket-Accept and caching of this path out',
      tr: 'sunucu yerine bir önbellek ya da vekil sunucudaki sabit bir başlık yanıt veriyor: add_header Sec-WebSocket-Accept satırını ve bu yolun önbelleğini kaldırın',
    },
  },
  'subprotocol-unoffered': {
    severity: 'fault',
    cause: {
      en: 'the server chose the subprotocol “{chosen}”, and the client offered {offered}: browsers close then',
      tr: 'sunucu “{chosen}” alt protokolünü seçti, istemci ise şunu önerdi: {offered}; tarayıcılar bu durumda kapatır',
    },
    remedy: {
      en: 'offer it in the client (new WebSocket(url, "{chosen}"), --protocol {chosen}), or let the server choose one that was offered (protocols in usta)',
      tr: 'istemcide önerin (new WebSocket(url, "{chosen}"), --protocol {chosen}) ya da sunucu önerilenlerden birini seçsin (usta’da protocols)',
    },
  },
  'subprotocol-missing': {
    severity: 'fault',
    cause: {
      en: 'the client asked for the subprotocol {offered} and the server chose none: browsers close then',
      tr: 'istemci {offered} alt protokolünü istedi, sunucu hiçbirini seçmedi: tarayıcılar bu durumda kapatır',
    },
    remedy: {
      en: 'name it in the server (protocols: ["{offered}"] in usta), or do not ask for one in the client; a proxy must pass Sec-WebSocket-Protocol',
      tr: 'sunucuda adını verin (usta’da protocols: ["{offered}"]) ya da istemcide istemeyin; vekil sunucu Sec-WebSocket-Protocol’ü aktarmalı',
    },
  },
  'extension-unoffered': {
    severity: 'fault',
    cause: {
      en: 'the server turned on an extension that was not offered so: {extensions}',
      tr: 'sunucu böyle önerilmemiş bir uzantıyı açtı: {extensions}',
    },
    remedy: {
      en: 'turn compression off in the server or update its WebSocket library; a proxy must not write Sec-WebSocket-Extensions itself',
      tr: 'sunucuda sıkıştırmayı kapatın ya da WebSocket kütüphanesini güncelleyin; vekil sunucu Sec-WebSocket-Extensions’ı kendisi yazmamalı',
    },
  },
  'closed-at-once': {
    severity: 'fault',
    cause: {
      en: 'the WebSocket opens, and the server ends it at once: {how}',
      tr: 'WebSocket açılıyor ve sunucu onu hemen bitiriyor: {how}',
    },
    remedy: {
      en: 'the application decides so: a missing token, cookie or parameter, a full server, or an error in its open handler (onWebSocketConnect, onConnect): read its log',
      tr: 'buna uygulama karar veriyor: eksik belirteç, çerez ya da parametre, dolu sunucu veya açılış işleyicisindeki hata (onWebSocketConnect, onConnect): günlüğünü okuyun',
    },
  },
  'frames-broken': {
    severity: 'fault',
    cause: {
      en: 'what the server sends after the 101 is not WebSocket: {reason}',
      tr: 'sunucunun 101’den sonra gönderdikleri WebSocket değil: {reason}',
    },
    remedy: {
      en: 'something on the way changes the bytes (compression in a proxy, a plain-text echo), or the server’s library is broken: compare with a direct connection to the worker',
      tr: 'yolda bir şey baytları değiştiriyor (vekil sunucuda sıkıştırma, düz metin yankısı) ya da sunucunun kütüphanesi bozuk: worker’a doğrudan bağlanıp karşılaştırın',
    },
  },
  'too-much-data': {
    severity: 'fault',
    cause: {
      en: 'the server sends more than a client can take, a message above {message} KiB or more than {all} KiB before it answers a ping',
      tr: 'sunucu bir istemcinin kaldıramayacağı kadar gönderiyor: {message} KiB’ı aşan bir ileti ya da bir ping’e yanıt vermeden {all} KiB’tan fazla',
    },
    remedy: {
      en: 'send less at the beginning, in smaller messages, and only what the client has asked for',
      tr: 'başlangıçta daha az, daha küçük iletilerle ve yalnızca istemcinin istediğini gönderin',
    },
  },
  'ping-unanswered': {
    severity: 'fault',
    cause: {
      en: 'the WebSocket is open, and a ping got no pong within {seconds} s',
      tr: 'WebSocket açık, ama ping {seconds} saniyede pong almadı',
    },
    remedy: {
      en: 'every server must answer pings (RFC 6455 §5.5.2): it is busy, or its library does not; clients and proxies that check this way cut the connection',
      tr: 'her sunucu ping’e yanıt vermeli (RFC 6455 §5.5.2): meşgul ya da kütüphanesi yanıt vermiyor; böyle denetleyen istemciler ve vekil sunucular bağlantıyı keser',
    },
  },
  'message-too-big': {
    severity: 'warning',
    cause: {
      en: 'a message of {kilobytes} KiB is too big for the server: it closes with 1009 {reason}',
      tr: '{kilobytes} KiB’lık bir ileti sunucu için çok büyük: 1009 ile kapatıyor {reason}',
    },
    remedy: {
      en: 'raise its limit if such messages are sent (maxPackageSize in usta), or send smaller ones',
      tr: 'böyle iletiler gönderiliyorsa sınırı yükseltin (usta’da maxPackageSize) ya da küçük gönderin',
    },
  },
  'large-message-cut': {
    severity: 'warning',
    cause: {
      en: 'a short message passes, and after one of {kilobytes} KiB the connection is gone: {how}',
      tr: 'kısa ileti geçiyor, {kilobytes} KiB’lık iletiden sonra bağlantı kopuyor: {how}',
    },
    remedy: {
      en: 'look for a limit of the server’s message size or for a firewall that inspects frames; a small MTU on the way loses large packets',
      tr: 'sunucuda ileti boyu sınırı ya da çerçeveleri denetleyen bir güvenlik duvarı arayın; yoldaki küçük MTU büyük paketleri yitirir',
    },
  },
  'idle-cut': {
    severity: 'fault',
    cause: {
      en: 'an idle connection was cut after {seconds} s without a close frame ({how}): something between client and server has a time limit',
      tr: 'boştaki bağlantı {seconds} sn sonra kapanış çerçevesi olmadan kesildi ({how}): istemci ile sunucu arasında süre sınırı olan bir şey var',
    },
    remedy: {
      en: '{limit}; better: let the server ping more often than that (pingInterval: 25 in usta)',
      tr: '{limit}; daha iyisi: sunucu bundan sık ping göndersin (usta’da pingInterval: 25)',
    },
  },
  'idle-closed': {
    severity: 'fault',
    cause: {
      en: 'the server closed the idle connection itself after {seconds} s, with close code {code} {reason}',
      tr: 'sunucu boştaki bağlantıyı {seconds} sn sonra {code} koduyla kendisi kapattı {reason}',
    },
    remedy: {
      en: 'it expects messages or pings of its own kind from clients: send them more often, or raise its idle limit',
      tr: 'istemcilerden kendi türünde ileti ya da ping bekliyor: daha sık gönderin ya da boşta kalma sınırını yükseltin',
    },
  },
};
