# Worker image for Dataflow, Flink and Spark: Beam's own worker with this package in it.
# The versions of Python and Beam must be those of the machine that launches the build.
#
#   pip wheel --no-deps --wheel-dir dist .
#   docker build --build-arg PYTHON=3.11 --build-arg BEAM=2.77.0 -t IMAGE .
ARG PYTHON=3.11
ARG BEAM=2.77.0
FROM apache/beam_python${PYTHON}_sdk:${BEAM}
ARG BEAM
COPY dist/cytoimagenet_tfds-*.whl /tmp/
RUN wheel=$(ls /tmp/cytoimagenet_tfds-*.whl) \
    && pip install --no-cache-dir "${wheel}[gcs,s3]" "apache-beam==${BEAM}" \
    && rm "${wheel}" \
    && python -c "import cytoimagenet_tfds.build.render, cytoimagenet_tfds.build.assemble"
