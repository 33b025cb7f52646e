package dev.jrunc.image.registry;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.github.luben.zstd.Zstd;
import dev.jrunc.image.digest.Digest;
import dev.jrunc.image.manifest.MediaTypes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;

/** A small image made in memory; what can be wrong with an image can be made wrong here. */
public final class TestImage {
  private static final String LAYER = "application/vnd.oci.image.layer.v1.tar";
  private static final String DOCKER_LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip";

  private record Layer(String type, byte[] packed) {}

  private final List<Layer> layers = new ArrayList<>();
  private final List<String> diffIds = new ArrayList<>();
  private String architecture = "amd64";
  private String more = "";
  private String settings = "";
  private boolean docker;

  public static byte[] tar(int seed, int length) {
    byte[] content = new byte[length];
    Random random = new Random(seed);
    for (int i = 0; i < length; i++) {
      content[i] = (byte) random.nextInt(16);
    }
    return content;
  }

  public TestImage gzip(byte[] tar) {
    return layer(docker ? DOCKER_LAYER : LAYER + "+gzip", packGzip(tar), tar);
  }

  public TestImage zstd(byte[] tar) {
    return layer(LAYER + "+zstd", Zstd.compress(tar), tar);
  }

  public TestImage plain(byte[] tar) {
    return layer(LAYER, tar, tar);
  }

  public TestImage layer(String type, byte[] packed, byte[] tar) {
    layers.add(new Layer(type, packed));
    diffIds.add(Digest.sha256(tar).toString());
    return this;
  }

  public TestImage docker() {
    docker = true;
    return this;
  }

  public TestImage architecture(String name) {
    architecture = name;
    return this;
  }

  /** Members of the configuration, with single quotes: {@code 'created':'...'}. */
  public TestImage with(String members) {
    more += members + ",";
    return this;
  }

  /** Members of its part {@code config}. */
  public TestImage settings(String members) {
    settings += "," + members;
    return this;
  }

  public byte[] config() {
    return json(
        "{%s'os':'linux','architecture':'%s','config':{'Cmd':['/bin/true']%s},'rootfs':{'type':'layers','diff_ids':[%s]}}"
            .formatted(more, architecture, settings, "'" + String.join("','", diffIds) + "'"));
  }

  public List<byte[]> blobs() {
    return layers.stream().map(Layer::packed).toList();
  }

  public String type() {
    return docker ? MediaTypes.DOCKER_MANIFEST : MediaTypes.OCI_MANIFEST;
  }

  public byte[] manifest() {
    List<String> entries = new ArrayList<>();
    layers.forEach(layer -> entries.add(descriptor(layer.type(), layer.packed())));
    String config = docker ? MediaTypes.DOCKER_CONFIG : MediaTypes.OCI_CONFIG;
    return json(
        "{'schemaVersion':2,'mediaType':'%s','config':%s,'layers':[%s]}"
            .formatted(type(), descriptor(config, config()), String.join(",", entries)));
  }

  /** An index over images, in their order. */
  public static byte[] index(TestImage... images) {
    List<String> entries = new ArrayList<>();
    for (TestImage image : images) {
      String plain = descriptor(image.type(), image.manifest());
      entries.add(
          plain.substring(0, plain.length() - 1)
              + ",'platform':{'os':'linux','architecture':'%s'}}".formatted(image.architecture));
    }
    return json(
        "{'schemaVersion':2,'mediaType':'%s','manifests':[%s]}"
            .formatted(MediaTypes.OCI_INDEX, String.join(",", entries)));
  }

  private static String descriptor(String type, byte[] content) {
    return "{'mediaType':'%s','digest':'%s','size':%d}"
        .formatted(type, Digest.sha256(content), content.length);
  }

  private static byte[] json(String text) {
    return text.replace('\'', '"').getBytes(UTF_8);
  }

  public static byte[] packGzip(byte[] plain) {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
      out.write(plain);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return packed.toByteArray();
  }
}
