package dev.jrunc.spec;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Writes config.json and state as runc does, so that the same values give the same bytes. */
public final class SpecWriter {
  private SpecWriter() {}

  /** A config; {@code indent} of each level ("\t" is runc's), empty for a compact document. */
  public static byte[] config(Spec spec, String indent) {
    return JsonOutput.document(indent, out -> spec(out, spec));
  }

  /** A state, as hooks read it and {@code state} prints it; a stopped container has pid 0. */
  public static byte[] state(State state, String indent) {
    return JsonOutput.document(indent, out -> state(out, state));
  }

  /** What is sent to a seccomp agent. */
  public static byte[] processState(ContainerProcessState process) {
    return JsonOutput.document(
        "",
        out -> {
          out.required("ociVersion", process.ociVersion());
          out.texts("fds", process.fds());
          out.required("pid", process.pid());
          out.text("metadata", process.metadata());
          out.object("state", o -> state(o, process.state()));
        });
  }

  private static void state(JsonOutput out, State state) throws IOException {
    out.required("ociVersion", state.ociVersion());
    out.required("id", state.id());
    out.required("pid", state.pid());
    out.required("status", state.status().wireName());
    out.required("bundle", state.bundle());
    out.text("rootfs", state.rootfs());
    out.text("created", state.created());
    out.texts("annotations", state.annotations());
    if (!state.created().isEmpty()) {
      out.required("owner", state.owner());
    }
  }

  private static void spec(JsonOutput out, Spec spec) throws IOException {
    out.required("ociVersion", spec.ociVersion());
    out.optional("process", spec.process(), SpecWriter::process);
    out.optional(
        "root",
        spec.root(),
        (o, v) -> {
          o.required("path", v.path());
          o.flagIfSet("readonly", v.readonly());
        });
    out.text("hostname", spec.hostname());
    out.text("domainname", spec.domainname());
    out.list("mounts", spec.mounts(), mount -> out.object(o -> mount(o, mount)));
    if (!spec.hooks().isEmpty()) {
      out.object("hooks", o -> hooks(o, spec.hooks()));
    }
    out.texts("annotations", spec.annotations());
    out.optional("linux", spec.linux(), LinuxWriter::linux);
  }

  private static void process(JsonOutput out, Process p) throws IOException {
    out.flagIfSet("terminal", p.terminal());
    out.optional(
        "consoleSize",
        p.consoleSize(),
        (o, v) -> {
          o.required("height", v.height());
          o.required("width", v.width());
        });
    out.object("user", o -> user(o, p.user()));
    out.texts("args", p.args());
    out.texts("env", p.env());
    out.required("cwd", p.cwd());
    out.optional("capabilities", p.capabilities(), SpecWriter::capabilities);
    out.list(
        "rlimits",
        p.rlimits(),
        limit ->
            out.object(o -> {
              o.required("type", limit.type());
              o.unsigned("hard", limit.hard());
              o.unsigned("soft", limit.soft());
            }));
    out.flagIfSet("noNewPrivileges", p.noNewPrivileges());
    out.text("apparmorProfile", p.apparmorProfile());
    out.number("oomScoreAdj", p.oomScoreAdj());
    out.optional("scheduler", p.scheduler(), SpecWriter::scheduler);
    out.text("selinuxLabel", p.selinuxLabel());
    out.optional(
        "ioPriority",
        p.ioPriority(),
        (o, v) -> {
          o.required("class", v.ioClass());
          o.required("priority", v.priority());
        });
    out.optional(
        "execCPUAffinity",
        p.execCpuAffinity(),
        (o, v) -> {
          o.text("initial", v.initial());
          o.text("final", v.last());
        });
  }

  private static void user(JsonOutput out, User user) throws IOException {
    out.required("uid", user.uid());
    out.required("gid", user.gid());
    out.number("umask", user.umask());
    out.numbers("additionalGids", user.additionalGids());
  }

  private static void capabilities(JsonOutput out, Capabilities c) throws IOException {
    out.texts("bounding", c.bounding());
    out.texts("effective", c.effective());
    out.texts("inheritable", c.inheritable());
    out.texts("permitted", c.permitted());
    out.texts("ambient", c.ambient());
  }

  private static void scheduler(JsonOutput out, Scheduler s) throws IOException {
    out.required("policy", s.policy());
    out.number("nice", s.nice());
    out.number("priority", s.priority());
    out.texts("flags", s.flags());
    out.unsignedOrAbsent("runtime", s.runtime());
    out.unsignedOrAbsent("deadline", s.deadline());
    out.unsignedOrAbsent("period", s.period());
  }

  private static void mount(JsonOutput out, Mount mount) throws IOException {
    out.required("destination", mount.destination());
    out.text("type", mount.type());
    out.text("source", mount.source());
    out.texts("options", mount.options());
    idMappings(out, "uidMappings", mount.uidMappings());
    idMappings(out, "gidMappings", mount.gidMappings());
  }

  static void idMappings(JsonOutput out, String name, List<IdMapping> mappings) throws IOException {
    out.list(
        name,
        mappings,
        mapping ->
            out.object(o -> {
              o.required("containerID", mapping.containerId());
              o.required("hostID", mapping.hostId());
              o.required("size", mapping.size());
            }));
  }

  private static void hooks(JsonOutput out, Hooks hooks) throws IOException {
    hooks(out, "prestart", hooks.prestart());
    hooks(out, "createRuntime", hooks.createRuntime());
    hooks(out, "createContainer", hooks.createContainer());
    hooks(out, "startContainer", hooks.startContainer());
    hooks(out, "poststart", hooks.poststart());
    hooks(out, "poststop", hooks.poststop());
  }

  private static void hooks(JsonOutput out, String name, List<Hook> hooks) throws IOException {
    out.list(
        name,
        hooks,
        hook ->
            out.object(o -> {
              o.required("path", hook.path());
              o.texts("args", hook.args());
              o.texts("env", hook.env());
              o.number("timeout", hook.timeout());
            }));
  }

  /** A map whose values are objects, in the order of its keys as Go writes it. */
  static <T> void objects(JsonOutput out, String name, Map<String, T> map, Entry<T> entry)
      throws IOException {
    if (map.isEmpty()) {
      return;
    }
    out.object(
        name,
        o -> {
          for (Map.Entry<String, T> each : new TreeMap<>(map).entrySet()) {
            o.object(each.getKey(), fields -> entry.write(fields, each.getValue()));
          }
        });
  }

  /** Writes the fields of one value of a map. */
  interface Entry<T> {
    void write(JsonOutput out, T value) throws IOException;
  }
}
