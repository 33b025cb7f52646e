package dev.jrunc.runtime;

import dev.jrunc.kernel.Gate;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.SystemCall;
import dev.jrunc.kernel.jnr.JnrGate;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The kernel we run on, but for one call, which is answered as another kernel would. */
public final class OtherKernel {
  private OtherKernel() {}

  /**
   * A call as it was made.
   *
   * @param arguments six, as the kernel takes them
   * @param memory to follow those that are addresses
   */
  public record Made(long[] arguments, Gate memory) {}

  /**
   * That kernel.
   *
   * @param answer the result or negated errno; null to ask the kernel itself
   */
  public static Linux answering(SystemCall call, Function<Made, @Nullable Long> answer) {
    Gate real = new JnrGate();
    long number = call.number(real.architecture());
    Object gate =
        Proxy.newProxyInstance(
            Gate.class.getClassLoader(),
            new Class<?>[] {Gate.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("call") && (long) arguments[0] == number) {
                long[] rest = new long[6];
                for (int i = 0; i < 6; i++) {
                  rest[i] = (long) arguments[i + 1];
                }
                Long answered = answer.apply(new Made(rest, real));
                if (answered != null) {
                  return answered;
                }
              }
              try {
                return method.invoke(real, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
    return Linux.over((Gate) gate);
  }
}
