# One image for all processes; docker-compose.yml says which one a container becomes.
#
#   docker build -t touchstone .                                    # with the CUDA build of torch, about 8 GB
#   docker build -t touchstone --build-arg UV_TORCH_BACKEND=cpu .   # without, about 2.5 GB
FROM python:3.11-slim-bookworm

ENV PYTHONUNBUFFERED=1 DATA_DIR=/data HOST=0.0.0.0 PORT=8600
RUN useradd --create-home --uid 10001 touchstone && install -d -o touchstone -g touchstone /app /data
USER touchstone
WORKDIR /app

# Packages change less often than code, so they are a layer of their own.
ARG UV_TORCH_BACKEND
COPY --chown=touchstone pyproject.toml requirements.lock package.json package-lock.json ./
COPY --chown=touchstone config/install.py config/install.py
RUN UV_COMPILE_BYTECODE=1 python config/install.py --no-dev && rm -rf ~/.cache ~/.npm

COPY --chown=touchstone . .
ENV PATH=/app/.venv/bin:$PATH
RUN python -m config.translations && SECRET_KEY=unused DATA_DIR=/tmp/build python manage.py collectstatic --noinput --verbosity 0 && rm -rf /tmp/build

VOLUME /data
EXPOSE 8600
CMD ["python", "-m", "config.processes", "web"]
