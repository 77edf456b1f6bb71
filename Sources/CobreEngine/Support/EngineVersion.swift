/// Version of the engine, written into every run.
package let engineVersion = "0.1.0"
