/** Every public name of Workerman 5.2.2, and where docs/from-workerman.md has its line. */

export interface Group {
  readonly of: string;
  /** The heading that its lines stand under. */
  readonly under: RegExp;
  readonly names: string;
}

export const GROUPS: readonly Group[] = [
  {
    of: 'addresses',
    under: /^Worker: address/,
    names: 'websocket:// ws:// wss:// https:// http:// tcp:// unix:// ssl:// text:// frame:// udp:// [::]',
  },
  {
    of: 'the socket context',
    under: /^Worker: address/,
    names: 'backlog bindto so_reuseport ipv6_v6only so_broadcast tcp_nodelay',
  },
  {
    of: 'the ssl context',
    under: /^Worker: address/,
    names:
      'local_cert local_pk passphrase verify_peer verify_peer_name allow_self_signed cafile capath SNI_enabled ' +
      'SNI_server_certs ciphers peer_name verify_depth crypto_method min_proto_version max_proto_version ' +
      'security_level alpn_protocols honor_cipher_order ecdh_curve dh_param disable_compression capture_peer_cert',
  },
  {
    of: 'Worker, properties',
    under: /^Worker: instance properties/,
    names: 'id name count user group reloadable reusePort transport protocol connections eventLoop stopping',
  },
  {
    of: 'Worker, static properties',
    under: /^Worker: static properties/,
    names:
      'daemonize stdoutFile pidFile statusFile logFile logFileMaxSize stopTimeout globalEvent eventLoopClass ' +
      'outputStream command onMasterReload onMasterStop onWorkerExit VERSION DEFAULT_BACKLOG STATUS_INITIAL ' +
      'STATUS_STARTING STATUS_RUNNING STATUS_SHUTDOWN STATUS_RELOADING',
  },
  {
    of: 'Worker, callbacks',
    under: /^Worker: callbacks/,
    names:
      'onWorkerStart onWorkerReload onWorkerStop onConnect onMessage onClose onError onBufferFull onBufferDrain ' +
      'onWebSocketConnect onWebSocketConnected onWebSocketClose onWebSocketPing onWebSocketPong',
  },
  {
    of: 'Worker, methods',
    under: /^Worker: methods/,
    names:
      'runAll stopAll listen unlisten pauseAccept resumeAccept stop getSocketName getMainSocket setUserAndGroup run ' +
      'getAllWorkers getEventLoop getStatus getGracefulStop isRunning getArgv log safeEcho resetStd getUiColumns',
  },
  {
    of: 'the command line',
    under: /^Command line/,
    names:
      'start stop restart reload status connections -d -q -g SIGINT SIGTERM SIGHUP SIGTSTP SIGQUIT SIGUSR1 SIGUSR2 ' +
      'SIGIOT SIGIO SIGPIPE SIGALRM',
  },
  {
    of: 'TcpConnection, properties',
    under: /^TcpConnection: properties|^AsyncTcpConnection/,
    names:
      'id protocol transport worker maxSendBufferSize defaultMaxSendBufferSize maxPackageSize defaultMaxPackageSize ' +
      'lingerTimeout bytesRead bytesWritten context headers websocketType BINARY_TYPE_BLOB BINARY_TYPE_ARRAYBUFFER ' +
      'BINARY_TYPE_BLOB_DEFLATE BINARY_TYPE_ARRAYBUFFER_DEFLATE websocketClientProtocol websocketOrigin ' +
      'websocketPingInterval errorHandler $connections $statistics connection_count total_request throw_exception ' +
      'send_fail READ_BUFFER_SIZE MAX_CACHE_STRING_LENGTH MAX_CACHE_SIZE TCP_KEEPALIVE_INTERVAL STATUS_INITIAL ' +
      'STATUS_CONNECTING STATUS_ESTABLISHED STATUS_ENDING STATUS_CLOSING STATUS_CLOSED',
  },
  {
    of: 'TcpConnection, methods',
    under: /^TcpConnection: methods/,
    names:
      'send close destroy end pauseRecv resumeRecv pipe getRemoteIp getRemotePort getRemoteAddress getLocalIp ' +
      'getLocalPort getLocalAddress isIpV4 isIpV6 getStatus getSendBufferQueueSize getRecvBufferQueueSize ' +
      'bufferIsEmpty consumeRecvBuffer getSocket doSslHandshake',
  },
  {
    of: 'clients',
    under: /^AsyncTcpConnection|^TcpConnection: properties/,
    names:
      'AsyncTcpConnection connect reconnect reConnect cancelReconnect getRemoteHost getRemoteURI proxySocks5 ' +
      'proxySocks5Username proxySocks5Password proxyHttp proxyAuthorization',
  },
  {
    of: 'protocols',
    under: /^Protocols: writing one/,
    names: 'ProtocolInterface input decode encode onConnect onClose text frame UdpConnection',
  },
  {
    of: 'Request',
    under: /^Protocols: HTTP/,
    names:
      'get post header cookie file trailer method uri path queryString protocolVersion host rawHead rawBody rawBuffer ' +
      'session sessionId sessionRegenerateId connection setChunkTrailers uploadTmpDir requestClass $maxFileUploads',
  },
  {
    of: 'Response',
    under: /^Protocols: HTTP/,
    names:
      'Response header withHeader withHeaders withoutHeader getHeader getHeaders withStatus getStatusCode ' +
      'getReasonPhrase withProtocolVersion withBody rawBody cookie withFile Chunk ServerSentEvents',
  },
  {
    of: 'sessions',
    under: /^(Protocols: HTTP|.*[Ss]ession)/,
    names:
      'get set put delete forget pull all flush has exists save refresh getId gc name lifetime cookieLifetime cookiePath ' +
      'domain secure httpOnly sameSite autoUpdateTimestamp gcProbability handlerClass FileSessionHandler ' +
      'RedisSessionHandler RedisClusterSessionHandler',
  },
  {
    of: 'Timer',
    under: /^Timer/,
    names: 'add repeat delay del delAll sleep',
  },
  {
    of: 'Crontab',
    under: /^Timer/,
    names: 'Crontab destroy getAll getName getRule getId',
  },
  {
    of: 'AsyncUdpConnection',
    under: /^AsyncTcpConnection/,
    names: 'AsyncUdpConnection connect send close onConnect onMessage onClose',
  },
  {
    of: 'event loops',
    under: /^Event loops and coroutines/,
    names:
      'Select Event Ev Fiber Swoole Swow EventInterface delay offDelay repeat offRepeat onReadable offReadable ' +
      'onWritable offWritable onSignal offSignal deleteAllTimer run stop getTimerCount setErrorHandler',
  },
  {
    of: 'coroutines',
    under: /^Event loops and coroutines/,
    names:
      'Coroutine::create Coroutine::start Coroutine::resume Coroutine::id Coroutine::defer Coroutine::suspend ' +
      'Coroutine::getCurrent Coroutine::isCoroutine Context::get Context::set Context::has Context::reset ' +
      'Context::destroy Channel push pop length getCapacity hasConsumers hasProducers close Barrier::create ' +
      'Barrier::wait Parallel add wait getExceptions WaitGroup done count Locker::lock Locker::unlock Pool get put ' +
      'createConnection closeConnection getConnectionCount closeConnections setConnectionCreator setConnectionCloser ' +
      'setConnectionHeartbeatChecker',
  },
];
