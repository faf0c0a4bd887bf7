# One image for all: `fullcircle serve SERVICE`, `fullcircle migrate`, `fullcircle keys create`, ...
FROM python:3.11-slim-bookworm
WORKDIR /opt/fullcircle
ENV PATH=/opt/fullcircle/.venv/bin:$PATH PYTHONUNBUFFERED=1 FULLCIRCLE_HOME=/var/lib/fullcircle

# The environment first: it changes less often than the program. All is compiled here: who runs it may not write.
COPY deploy/tools.lock requirements.lock ./
RUN python -m venv .venv \
    && .venv/bin/pip install --no-cache-dir --require-hashes --no-deps --target /opt/tools -r tools.lock \
    && /opt/tools/bin/uv pip sync --no-cache --require-hashes --compile-bytecode --python .venv/bin/python requirements.lock

COPY . .
RUN PYTHONPATH=/opt/tools /opt/tools/bin/uv pip install --no-cache --no-deps --no-build-isolation \
        --python .venv/bin/python --editable . \
    && .venv/bin/python -m compileall -q services gateway migrations \
    && rm -rf /opt/tools \
    && useradd --system --home-dir /var/lib/fullcircle --create-home fullcircle
USER fullcircle
VOLUME /var/lib/fullcircle
ENTRYPOINT ["fullcircle"]
CMD ["--help"]
