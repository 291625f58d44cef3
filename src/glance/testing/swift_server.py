"""Runs one server of Debian's Swift: CONFIG APP. Its swift.conf is not read from /etc, so that several can run side by side."""
import sys


class MemoryCache:
    """What tempauth keeps its tokens in, without a memcached."""

    def __init__(self):
        self.values = {}

    def get(self, key, *args, **kwargs):
        return self.values.get(key)

    def set(self, key, value, *args, **kwargs):
        self.values[key] = value

    def delete(self, key, *args, **kwargs):
        self.values.pop(key, None)


def memory_cache(global_conf, **conf):
    cache = MemoryCache()

    def wrap(app):
        def call(env, start_response):
            env["swift.cache"] = cache
            return app(env, start_response)

        return call

    return wrap


def main():
    conf, app = sys.argv[1:]
    import swift.common.utils as utils

    utils.SWIFT_CONF_FILE = conf
    utils.HASH_PATH_SUFFIX = b"test"
    from swift.common.wsgi import run_wsgi

    options = {}
    if app == "object-server":
        from swift.obj.server import global_conf_callback

        options["global_conf_callback"] = global_conf_callback
    return run_wsgi(conf, app, default_port=0, **options)


if __name__ == "__main__":
    sys.exit(main())
