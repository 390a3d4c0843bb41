# Worker image for Dataflow, Flink and Spark: Beam's own worker with this package in it.
# The versions of Python and Beam must be those of the machine that launches the build.
#
#   pip wheel --no-deps --wheel-dir dist .
#   docker build --build-arg PYTHON=3.11 --build-arg BEAM=2.77.0 -t IMAGE .
ARG PYTHON=3.11
ARG BEAM=2.77.0
FROM apache/beam_python${PYTHON}_sdk:${BEAM}
ARG BEAM
COPY dist/cytoimagenet_tfds-*.whl /tmp/wheels/
RUN set -- /tmp/wheels/*.whl \
    && if [ $# -ne 1 ]; then echo "dist holds $# wheels, keep the one to use: $*" >&2; exit 1; fi \
    && pip install --no-cache-dir "$1[gcs,s3]" "apache-beam==${BEAM}" \
    && rm -r /tmp/wheels \
    && python -c "import cytoimagenet_tfds.build.render, cytoimagenet_tfds.build.assemble"
